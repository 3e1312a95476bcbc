#include "kernel/netlink/mnl_socket.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace conntrack::kernel {

Result<MnlSocket> OpenMnlSocket(int flags) {
  MnlSocket socket(mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | flags));
  if (!socket) {
    auto error = ErrorFromErrno(errno, "opening a netfilter netlink socket");
    if (error.kind == ErrorKind::kAbsent)
      error.remedy = "load nfnetlink: modprobe nf_conntrack_netlink";
    return Fail(std::move(error));
  }
  if (mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
    return Fail(ErrorFromErrno(errno, "binding a netfilter netlink socket"));
  }
  return socket;
}

}  // namespace conntrack::kernel
