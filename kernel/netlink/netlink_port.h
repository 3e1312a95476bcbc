// The seam between ctnetlink and the socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "kernel/netlink/ctnetlink_request.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  One open netlink socket to nfnetlink, bound to the network namespace in which it was
/// opened.
/// Threads: one at a time.
class NetlinkSocket {
 public:
  NetlinkSocket() = default;
  NetlinkSocket(const NetlinkSocket&) = delete;
  NetlinkSocket& operator=(const NetlinkSocket&) = delete;
  virtual ~NetlinkSocket() = default;

  /// Sends a request. Nothing else can be sent.
  [[nodiscard]] virtual Result<void> Send(const CtnetlinkRequest& request) = 0;

  /// Waits for one datagram and yields the part of `buffer` that it fills.
  /// Errors:  kTimeout where the kernel is silent for longer than the port waits; kOverrun
  ///          (ENOBUFS) where it lost messages for want of room; kMalformed where a datagram is
  ///          longer than the buffer.
  [[nodiscard]] virtual Result<std::span<const std::byte>> Receive(std::span<std::byte> buffer) = 0;

  /// The address that the kernel gave this socket; answers carry it.
  [[nodiscard]] virtual std::uint32_t port_id() const = 0;
};

/// Opens a port in the network namespace of the calling thread.
using NetlinkSocketFactory = std::function<Result<std::unique_ptr<NetlinkSocket>>()>;

}  // namespace conntrack::kernel
