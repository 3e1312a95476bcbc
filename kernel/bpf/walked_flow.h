// Conversion of flows from the BPF walk.
#pragma once

#include "kernel/bpf/flow_walk_batch.h"
#include "kernel/flow.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

/// Properties of the kernel that determine the content of its entries.
struct EntryFormat {
  std::uint32_t hz = 250;  ///< Jiffies per second (CONFIG_HZ).
  bool sctp = true;        ///< The kernel tracks the states of SCTP.
  bool dccp = true;        ///< The kernel tracks the states of DCCP.
};

/// \brief  Returns the format of the running kernel.
/// Source:  clock_getres(2) of the coarse clock, which ticks with jiffies; sysctls of timeouts.
[[nodiscard]] EntryFormat ReadEntryFormat(const KernelFiles& proc);

/// \brief  Returns the flow as ctnetlink would send it: no state and timeout if it is offloaded,
///         ports only for protocols with ports.
/// Cost:    pure; some 10 ns.
[[nodiscard]] Flow ToFlow(const flow_walk_flow& entry, const EntryFormat& format);

}  // namespace conntrack::kernel
