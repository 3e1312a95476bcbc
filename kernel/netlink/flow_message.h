// Decoding the messages of a ctnetlink dump.
#pragma once

#include <optional>

#include "kernel/flow.h"
#include "kernel/netlink/netlink_attribute.h"

namespace conntrack::kernel {

/// \brief  The flow in one message of IPCTNL_MSG_CT_GET (the payload behind the nlmsghdr).
///
/// Source:  ctnetlink_fill_info() in nf_conntrack_netlink.c. The order of the attributes differs
///          between kernels, so they are found by type; unknown ones are passed over. CTA_TIMEOUT
///          and CTA_PROTOINFO are absent for offloaded flows since 5.4. A zone stands in CTA_ZONE
///          where it covers both directions, inside a tuple otherwise.
/// Errors:  nothing where the message is cut off, or has no protocol or no status: the caller
///          counts it as skipped.
/// Threads and cost: pure, no allocation; some tens of nanoseconds beside the two microseconds that
///          the kernel takes for it.
[[nodiscard]] std::optional<Flow> DecodeFlow(Bytes payload);

}  // namespace conntrack::kernel
