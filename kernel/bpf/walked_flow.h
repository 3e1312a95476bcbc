// Converting a flow of the BPF walk.
#pragma once

#include "kernel/bpf/flow_walk_batch.h"
#include "kernel/flow.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

/// What the kernel's entries depend on.
struct EntryFormat {
  std::uint32_t hz = 250;  ///< Jiffies a second (CONFIG_HZ).
  bool sctp = true;        ///< It tracks the states of SCTP,
  bool dccp = true;        ///< and of DCCP.
};

/// \brief  The format of the running kernel.
/// Source:  clock_getres(2) of the coarse clock, which ticks with jiffies; sysctls of timeouts.
[[nodiscard]] EntryFormat ReadEntryFormat(const KernelFiles& proc);

/// \brief  The flow as ctnetlink would send it: no state and timeout if offloaded, ports only of
///         protocols that have some.
/// Cost:    pure; some 10 ns.
[[nodiscard]] Flow ToFlow(const flow_walk_flow& entry, const EntryFormat& format);

}  // namespace conntrack::kernel
