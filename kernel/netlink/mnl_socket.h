// Opening netlink sockets with libmnl.
#pragma once

#include <libmnl/libmnl.h>

#include <memory>

#include "kernel/result.h"

namespace conntrack::kernel {

struct CloseMnlSocket {
  void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};
using MnlSocket = std::unique_ptr<mnl_socket, CloseMnlSocket>;

/// \brief  A socket to nfnetlink, bound, closed at exec. `flags` are more of socket(2):
/// SOCK_NONBLOCK.
/// Errors:  kAbsent, with the remedy, where the kernel has no nfnetlink.
/// Threads and cost: any thread; socket, bind, getsockname.
[[nodiscard]] Result<MnlSocket> OpenMnlSocket(int flags = 0);

}  // namespace conntrack::kernel
