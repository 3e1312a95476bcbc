// Expectations: connections that helpers have announced.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "kernel/netlink/netlink_message.h"
#include "kernel/netlink/netlink_socket.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  The helper of one message of IPCTNL_MSG_EXP_GET; empty where it has none.
/// Source:  CTA_EXPECT_HELP_NAME (ctnetlink_exp_dump_expect() in nf_conntrack_netlink.c), present
///          while the announcing flow has a helper.
/// Errors:  kMalformed where the message is shorter than its header or an attribute is cut off.
[[nodiscard]] Result<std::string> ParseExpectationHelper(Bytes payload);

/// Expectations by the name of their helper; an empty name for those without one.
using HelperCounts = std::map<std::string, std::uint64_t>;

/// \brief  Counts the expectations of this namespace by helper.
/// Source:  IPCTNL_MSG_EXP_GET, dumped.
/// Errors:  kDenied without CAP_NET_ADMIN, kAbsent without ctnetlink, kMalformed.
/// Threads and cost: any thread; one system call for 32 KiB of messages of some 200 bytes.
[[nodiscard]] Result<HelperCounts> CountExpectationsByHelper(const NetlinkSocketFactory& open);

}  // namespace conntrack::kernel
