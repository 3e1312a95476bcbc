// Flows of the table, to look up.
#pragma once

#include <chrono>
#include <stop_token>
#include <vector>

#include "kernel/flow.h"
#include "kernel/netlink/netlink_port.h"
#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

struct LookupFlows {
  /// Some TCP or UDP flows in zone 0, which any program can look up: those that have the longest to live
  /// first, as any may be gone by then. None where there are none.
  std::vector<Flow> flows;
  bool any = false;  ///< Whether there is a flow of any kind.
};

/// \brief  Looks for flows of this namespace to look up.
/// Source, errors: of CtnetlinkFlowSource. Its dump is broken off after the message with the first such
///          flow, which is the first one where the namespace has some.
[[nodiscard]] Result<LookupFlows> FindLookupFlows(const NetlinkSocketFactory& netlink,
                                                  const KernelFiles& proc,
                                                  std::chrono::nanoseconds max_hold,
                                                  const std::stop_token& stop);

}  // namespace conntrack::kernel
