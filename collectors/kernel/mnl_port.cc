#include "collectors/kernel/mnl_port.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>

namespace conntrack::kernel {
namespace {

// The kernel works inside recv(), some milliseconds for a full buffer, up to a second for a walk of
// a large sparse table.
constexpr timeval kSilence = {.tv_sec = 5, .tv_usec = 0};

struct CloseSocket {
  void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};
using MnlSocket = std::unique_ptr<mnl_socket, CloseSocket>;

class MnlPort final : public NetlinkPort {
 public:
  explicit MnlPort(MnlSocket socket) : socket_(std::move(socket)) {}

  Result<void> Send(const CtnetlinkRequest& request) override {
    const auto bytes = request.bytes();
    if (mnl_socket_sendto(socket_.get(), bytes.data(), bytes.size()) < 0) {
      return Fail(ErrorFromErrno(errno, "asking ctnetlink"));
    }
    return {};
  }

  Result<std::span<const std::byte>> Receive(std::span<std::byte> buffer) override {
    while (true) {
      const ssize_t got = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
      if (got >= 0) return buffer.first(static_cast<std::size_t>(got));
      if (errno != EINTR) return Fail(ErrorFromErrno(errno, "receiving from ctnetlink"));
    }
  }

  std::uint32_t port_id() const override { return mnl_socket_get_portid(socket_.get()); }

 private:
  MnlSocket socket_;
};

}  // namespace

Result<std::unique_ptr<NetlinkPort>> OpenMnlPort() {
  MnlSocket socket(mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC));
  if (!socket) {
    auto error = ErrorFromErrno(errno, "opening a netfilter netlink socket");
    if (error.kind == ErrorKind::kAbsent)
      error.remedy = "load nfnetlink: modprobe nf_conntrack_netlink";
    return Fail(std::move(error));
  }
  if (mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
    return Fail(ErrorFromErrno(errno, "binding a netfilter netlink socket"));
  }
  const int fd = mnl_socket_get_fd(socket.get());
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kSilence, sizeof(kSilence)) < 0) {
    return Fail(ErrorFromErrno(errno, "bounding the wait on a netlink socket"));
  }
  return std::make_unique<MnlPort>(std::move(socket));
}

}  // namespace conntrack::kernel
