// A child process that loads the BPF programs and hands over their descriptors.
#pragma once

#include <array>
#include <cstddef>
#include <functional>

#include "kernel/bpf/flow_walk_programs.h"
#include "kernel/result.h"
#include "kernel/unique_fd.h"

namespace conntrack::kernel::bpf {

/// The programs of flow_walk.bpf.c and the shared maps. Only these descriptors keep them alive.
enum class Handle : std::size_t {
  kWalk,
  kFindSelf,
  kLookUp,     ///< Only if the kernel does not show where the table is,
  kFindTable,  ///< likewise.
  kBatches,
  kKnownFlow,
};
inline constexpr std::size_t kHandles = 6;

struct LoadedPrograms {
  std::array<UniqueFd, kHandles> handles;
  TableVariables variables;

  [[nodiscard]] int fd(Handle handle) const {
    return handles[static_cast<std::size_t>(handle)].get();
  }
};

/// \brief  Calls `load` in a child process and takes over its result: the kernel's types and
///         fitting the programs to them take 10 MB, which the exporter would never give back.
/// Errors:  of `load`; kIo if the child ends without a reply.
/// Threads and cost: before other threads are made, as fork(2) copies only this one.
[[nodiscard]] Result<LoadedPrograms> LoadInChildProcess(
    const std::function<Result<LoadedPrograms>()>& load);

}  // namespace conntrack::kernel::bpf
