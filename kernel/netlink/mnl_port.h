// NetlinkSocket on libmnl.
#pragma once

#include <memory>

#include "kernel/netlink/netlink_port.h"

namespace conntrack::kernel {

/// \brief  Opens a real nfnetlink socket.
/// Errors:  kAbsent where the kernel has no nfnetlink. Opening needs no capability; every request
///          does (CAP_NET_ADMIN in the user namespace that owns the network namespace), and is
///          refused in the answer.
/// Threads and cost: any thread; socket, bind, getsockname, setsockopt. Receive() gives up after
///          five seconds of silence.
[[nodiscard]] Result<std::unique_ptr<NetlinkSocket>> OpenNetlinkSocket();

}  // namespace conntrack::kernel
