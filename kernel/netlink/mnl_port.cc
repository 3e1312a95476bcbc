#include "kernel/netlink/mnl_port.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>

#include "kernel/netlink/mnl_socket.h"

namespace conntrack::kernel {
namespace {

// The kernel works inside recv(), some milliseconds for a full buffer, up to a second for a walk of
// a large sparse table.
constexpr timeval kSilence = {.tv_sec = 5, .tv_usec = 0};

class MnlNetlinkSocket final : public NetlinkSocket {
 public:
  explicit MnlNetlinkSocket(MnlSocket socket) : socket_(std::move(socket)) {}

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

Result<std::unique_ptr<NetlinkSocket>> OpenNetlinkSocket() {
  auto socket = OpenMnlSocket();
  if (!socket) return Fail(std::move(socket.error()));
  const int fd = mnl_socket_get_fd(socket->get());
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kSilence, sizeof(kSilence)) < 0) {
    return Fail(ErrorFromErrno(errno, "bounding the wait on a netlink socket"));
  }
  return std::make_unique<MnlNetlinkSocket>(*std::move(socket));
}

}  // namespace conntrack::kernel
