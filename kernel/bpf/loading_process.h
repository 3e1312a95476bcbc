// A child process that loads BPF programs and returns their descriptors.
#pragma once

#include <functional>
#include <vector>

#include "kernel/result.h"
#include "kernel/unique_fd.h"

namespace conntrack::kernel::bpf {

/// Programs and maps of one object. Only these descriptors keep them loaded.
using Handles = std::vector<UniqueFd>;
inline constexpr std::size_t kMostHandles = 8;

/// \brief  Calls `load` in a child process and returns its result. libbpf needs 10 MB for the
///         kernel's types and for adapting the programs, and the exporter would never return that
///         memory.
/// Errors:  those of `load`; kIo if the child ends without a reply.
/// Threads and cost: call it before other threads are started, because fork(2) copies only the
///          calling one.
[[nodiscard]] Result<Handles> LoadInChildProcess(const std::function<Result<Handles>()>& load);

}  // namespace conntrack::kernel::bpf
