// Expectations: connections that helpers have announced.
#pragma once

#include <functional>
#include <string>

#include "kernel/netlink/netlink_attribute.h"
#include "kernel/netlink/netlink_port.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  The helper of one message of IPCTNL_MSG_EXP_GET; empty where it has none.
/// Source:  ctnetlink_exp_dump_expect() in nf_conntrack_netlink.c: nfgenmsg, then attributes, among
///          them CTA_EXPECT_HELP_NAME, a string with its NUL, where the flow that announced it
///          still has a helper. Root may name a helper as it likes: what is not printable ASCII
///          becomes ?.
/// Errors:  kMalformed where the message is shorter than its header or an attribute is cut off.
[[nodiscard]] Result<std::string> ParseExpectationHelper(Bytes payload);

/// \brief  Visits the helper of each expectation of this namespace; `restart()` comes before the
/// first one, and again where a dump that was disturbed begins anew.
/// Source:  IPCTNL_MSG_EXP_GET, dumped; every kernel since 2.6.14.
/// Errors:  kDenied without CAP_NET_ADMIN; kAbsent without ctnetlink; kMalformed; see Ask().
/// Threads and cost: any thread; one system call for 32 KiB of some 200 bytes each, of which there
///          are nf_conntrack_expect_max at most.
[[nodiscard]] Result<void> WalkExpectations(const OpenNetlinkPort& open,
                                            const std::function<void()>& restart,
                                            const std::function<void(const std::string&)>& visit);

}  // namespace conntrack::kernel
