// Loading the BPF programs, by libbpf.
#pragma once

#include "kernel/bpf/loaded_programs.h"
#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel::bpf {

/// \brief  Loads the programs in this process, for `threads` threads.
/// Errors:  see LoadFlowWalkPrograms().
/// Threads and cost: once; some 0.1 s, and 10 MB that the process would keep: see
///          LoadInChildProcess().
[[nodiscard]] Result<LoadedPrograms> LoadPrograms(const KernelFiles& proc, unsigned threads);

}  // namespace conntrack::kernel::bpf
