// FlowWalkPrograms on libbpf.
#pragma once

#include <memory>

#include "kernel/bpf/flow_walk_port.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

/// \brief  Loads the programs, with `threads` batches. What loading takes is not needed afterwards:
///         the process may give its capabilities up.
///
/// Source:  docs/bpf.md says which kernels can, and what each lacks.
/// Errors:  kAbsent where this build or this kernel cannot; kDenied without CAP_BPF, CAP_PERFMON and
///          CAP_NET_ADMIN, or where the kernel is locked down. Each names what is missing.
/// Threads and cost: once, before other threads are made; a process of its own for some 0.1 s, which
///          takes 16 MB, most of it for the kernel's types. Afterwards 240 kB a thread.
[[nodiscard]] Result<std::shared_ptr<FlowWalkPrograms>> LoadFlowWalkPrograms(
    const KernelFiles& proc, unsigned threads);

}  // namespace conntrack::kernel
