// What loading the BPF programs leaves: descriptors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernel/unique_fd.h"

namespace conntrack::kernel::bpf {

/// The programs of flow_walk.bpf.c, and the maps that both sides see. Programs and maps live as
/// long as these are open; nothing else holds them.
enum class Handle : std::size_t {
  kWalk,
  kFindSelf,
  kLookUp,     ///< Only where the kernel does not show where the table is,
  kFindTable,  ///< likewise.
  kBatches,
  kKnownFlow,
};
inline constexpr std::size_t kHandles = 6;

struct LoadedPrograms {
  std::array<UniqueFd, kHandles> handles;
  /// Of the kernel's variable that says where the table is; 0 where it does not show it.
  std::uint64_t table_variable = 0;

  [[nodiscard]] int fd(Handle handle) const {
    return handles[static_cast<std::size_t>(handle)].get();
  }
};

}  // namespace conntrack::kernel::bpf
