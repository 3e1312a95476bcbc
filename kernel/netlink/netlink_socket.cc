#include "kernel/netlink/netlink_socket.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "kernel/unique_fd.h"

namespace conntrack::kernel {
namespace {

struct CloseMnlSocket {
  void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};
using MnlSocket = std::unique_ptr<mnl_socket, CloseMnlSocket>;

Result<MnlSocket> OpenMnlSocket(const Presence& presence, int flags = 0) {
  if (auto there = presence.Ctnetlink(); !there) return Fail(std::move(there.error()));
  MnlSocket socket(mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | flags));
  if (!socket) return Fail(ErrorFromErrno(errno, "opening a netfilter netlink socket"));
  if (mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
    return Fail(ErrorFromErrno(errno, "binding a netfilter netlink socket"));
  }
  return socket;
}

// The kernel works inside recv(): milliseconds to fill a buffer, up to a second to walk a large
// sparse table.
constexpr timeval kReceiveTimeout = {.tv_sec = 5, .tv_usec = 0};

class MnlNetlinkSocket final : public NetlinkSocket {
 public:
  MnlNetlinkSocket(MnlSocket socket, std::shared_ptr<const Presence> presence)
      : socket_(std::move(socket)), presence_(std::move(presence)) {}

  Result<void> Send(const CtnetlinkRequest& request) override {
    // The module may have been unloaded since the socket was opened.
    if (auto there = presence_->Ctnetlink(); !there) return there;
    const auto bytes = request.bytes();
    if (mnl_socket_sendto(socket_.get(), bytes.data(), bytes.size()) < 0) {
      return Fail(ErrorFromErrno(errno, "asking ctnetlink"));
    }
    return {};
  }

  Result<Bytes> Receive(std::span<std::byte> buffer) override {
    while (true) {
      const ssize_t got = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
      if (got >= 0) return buffer.first(static_cast<std::size_t>(got));
      if (errno != EINTR) return Fail(ErrorFromErrno(errno, "receiving from ctnetlink"));
    }
  }

  std::uint32_t port_id() const override { return mnl_socket_get_portid(socket_.get()); }

 private:
  MnlSocket socket_;
  std::shared_ptr<const Presence> presence_;
};

constexpr std::size_t kBatch = 32;  // more is not faster
// An event has 150 to 500 bytes. Helpers and security contexts may add some.
constexpr std::size_t kMaxEventSize = 4096;

class MnlEventSocket final : public EventSocket {
 public:
  MnlEventSocket(MnlSocket socket, UniqueFd wake)
      : socket_(std::move(socket)), wake_(std::move(wake)) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts_[i] = {.iov_base = &buffer_[i * kMaxEventSize], .iov_len = kMaxEventSize};
      messages_[i].msg_hdr.msg_iov = &parts_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  void Wait() override {
    std::array<pollfd, 2> waited = {{{.fd = fd(), .events = POLLIN, .revents = 0},
                                     {.fd = wake_.get(), .events = POLLIN, .revents = 0}}};
    while (::poll(waited.data(), waited.size(), -1) < 0 && errno == EINTR) {
    }
  }

  void Wake() override {
    // The eventfd is never read, so it also ends all later waits.
    (void)::eventfd_write(wake_.get(), 1);
  }

  Result<std::span<const Bytes>> Receive() override {
    int got = 0;
    do {
      got = ::recvmmsg(fd(), messages_.data(), kBatch, MSG_DONTWAIT, nullptr);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
      if (errno == EAGAIN) return std::span<const Bytes>{};
      return Fail(ErrorFromErrno(errno, "receiving the events of ctnetlink"));
    }
    const auto count = static_cast<std::size_t>(got);
    for (std::size_t i = 0; i < count; ++i) {
      datagrams_[i] = Bytes(&buffer_[i * kMaxEventSize], messages_[i].msg_len);
    }
    return std::span<const Bytes>(datagrams_).first(count);
  }

  std::optional<std::uint32_t> lost() const override {
    std::array<std::uint32_t, SK_MEMINFO_VARS> figures{};
    socklen_t size = sizeof(figures);
    if (::getsockopt(fd(), SOL_SOCKET, SO_MEMINFO, figures.data(), &size) < 0) return std::nullopt;
    if (size <= SK_MEMINFO_DROPS * sizeof(figures[0])) return std::nullopt;
    return figures[SK_MEMINFO_DROPS];
  }

  std::size_t buffer_bytes() const override {
    int bytes = 0;
    socklen_t size = sizeof(bytes);
    ::getsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &bytes, &size);
    return static_cast<std::size_t>(bytes);
  }

 private:
  int fd() const { return mnl_socket_get_fd(socket_.get()); }

  MnlSocket socket_;
  UniqueFd wake_;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(kBatch * kMaxEventSize);
  std::array<iovec, kBatch> parts_{};
  std::array<mmsghdr, kBatch> messages_{};
  std::array<Bytes, kBatch> datagrams_;
};

void SetReceiveBuffer(int fd, std::size_t buffer_bytes) {
  const int bytes = static_cast<int>(buffer_bytes);
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) == 0) return;
  // buffer_bytes() returns what was granted.
  (void)::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

Error JoinError(int code) {
  auto error = ErrorFromErrno(code, "joining the events of ctnetlink");
  if (error.kind == ErrorKind::kDenied) AddNetAdminRemedy(error);
  return error;
}

}  // namespace

Result<std::unique_ptr<NetlinkSocket>> OpenNetlinkSocket(std::shared_ptr<const Presence> presence) {
  auto socket = OpenMnlSocket(*presence);
  if (!socket) return Fail(std::move(socket.error()));
  const int fd = mnl_socket_get_fd(socket->get());
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kReceiveTimeout, sizeof(kReceiveTimeout)) < 0) {
    return Fail(ErrorFromErrno(errno, "bounding the wait on a netlink socket"));
  }
  return std::make_unique<MnlNetlinkSocket>(*std::move(socket), std::move(presence));
}

Result<std::unique_ptr<EventSocket>> OpenEventSocket(const Presence& presence,
                                                     std::size_t buffer_bytes) {
  auto socket = OpenMnlSocket(presence, SOCK_NONBLOCK);
  if (!socket) return Fail(std::move(socket.error()));
  SetReceiveBuffer(mnl_socket_get_fd(socket->get()), buffer_bytes);
  for (int group : {NFNLGRP_CONNTRACK_NEW, NFNLGRP_CONNTRACK_UPDATE, NFNLGRP_CONNTRACK_DESTROY}) {
    if (mnl_socket_setsockopt(socket->get(), NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0) {
      return Fail(JoinError(errno));
    }
  }
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return Fail(ErrorFromErrno(errno, "making an eventfd"));
  return std::make_unique<MnlEventSocket>(*std::move(socket), std::move(wake));
}

}  // namespace conntrack::kernel
