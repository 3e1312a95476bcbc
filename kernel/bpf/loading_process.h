// A process that loads the BPF programs, hands them over, and ends.
#pragma once

#include <functional>

#include "kernel/bpf/loaded_programs.h"
#include "kernel/result.h"

namespace conntrack::kernel::bpf {

/// \brief  What `load` yields, called in a process of its own: the kernel's types and fitting the
///         programs to them take 10 MB, which an exporter would never give back.
/// Errors:  of `load`; kIo where the process ends without an answer.
/// Threads and cost: before other threads are made, as fork(2) takes this one alone along.
[[nodiscard]] Result<LoadedPrograms> LoadInChildProcess(
    const std::function<Result<LoadedPrograms>()>& load);

}  // namespace conntrack::kernel::bpf
