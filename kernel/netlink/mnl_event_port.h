// EventSocket on libmnl.
#pragma once

#include <cstddef>
#include <memory>

#include "kernel/netlink/event_port.h"

namespace conntrack::kernel {

/// \brief  Opens a real socket and joins the groups of new, changed and destroyed flows.
///
/// Source:  NFNLGRP_CONNTRACK_{NEW,UPDATE,DESTROY}; a datagram an event. The room is asked for with
///          SO_RCVBUFFORCE, which needs CAP_NET_ADMIN in the first user namespace, otherwise with
///          SO_RCVBUF, which net.core.rmem_max limits. An event takes some 1.3 kB of it. The kernel
///          tells how many it lost since 4.12 (SO_MEMINFO).
/// Errors:  kDenied, with the remedy, without CAP_NET_ADMIN; kAbsent where the kernel has no
///          nfnetlink.
/// Threads and cost: any thread; ten system calls and 128 KiB. Receive() is one recvmmsg for up to
///          32 events, cheaper than a receive for each.
[[nodiscard]] Result<std::unique_ptr<EventSocket>> OpenEventSocket(std::size_t buffer_bytes);

}  // namespace conntrack::kernel
