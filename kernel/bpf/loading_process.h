// A child process that loads BPF programs and hands over their descriptors.
#pragma once

#include <functional>
#include <vector>

#include "kernel/result.h"
#include "kernel/unique_fd.h"

namespace conntrack::kernel::bpf {

/// Programs and maps of one object. Only these descriptors keep them alive.
using Handles = std::vector<UniqueFd>;
inline constexpr std::size_t kMostHandles = 8;

/// \brief  Calls `load` in a child process and takes over its result: the kernel's types and
///         fitting the programs to them take 10 MB, which the exporter would never give back.
/// Errors:  of `load`; kIo if the child ends without a reply.
/// Threads and cost: before other threads are made, as fork(2) copies only this one.
[[nodiscard]] Result<Handles> LoadInChildProcess(const std::function<Result<Handles>()>& load);

}  // namespace conntrack::kernel::bpf
