// Expectations: connections that helpers announce.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "kernel/netlink/netlink_message.h"
#include "kernel/netlink/netlink_socket.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  Returns the helper in one message of IPCTNL_MSG_EXP_GET; empty if there is none.
/// Source:  CTA_EXPECT_HELP_NAME (ctnetlink_exp_dump_expect() in nf_conntrack_netlink.c). It is
///          present while the flow that made the expectation has a helper.
/// Errors:  kMalformed if the message is shorter than its header, or if an attribute is cut off.
[[nodiscard]] Result<std::string> ParseExpectationHelper(Bytes payload);

/// Expectations by name of the helper; the empty name counts those without a helper.
using HelperCounts = std::map<std::string, std::uint64_t>;

/// \brief  Counts the expectations of this namespace by helper.
/// Source:  IPCTNL_MSG_EXP_GET, a dump.
/// Errors:  kDenied without CAP_NET_ADMIN, kAbsent without ctnetlink, kMalformed.
/// Threads and cost: any thread; one system call per 32 KiB of messages of some 200 bytes each.
[[nodiscard]] Result<HelperCounts> CountExpectationsByHelper(const NetlinkSocketFactory& open);

}  // namespace conntrack::kernel
