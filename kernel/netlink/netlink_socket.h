// Sockets to nfnetlink: one for requests, one for events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "kernel/netlink/ctnetlink_request.h"
#include "kernel/netlink/netlink_message.h"
#include "kernel/proc/presence.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  One open nfnetlink socket, bound to the network namespace in which it was opened.
/// Threads: one at a time.
class NetlinkSocket {
 public:
  virtual ~NetlinkSocket() = default;

  /// Sends a request. Nothing else can be sent.
  /// Errors:  kNotLoaded and kHeldBack, and nothing is sent, where it could load a module.
  [[nodiscard]] virtual Result<void> Send(const CtnetlinkRequest& request) = 0;

  /// Waits for one datagram, and yields the part of `buffer` that it fills.
  /// Errors:  kTimeout; kOverrun (ENOBUFS) if the kernel lost messages for want of room; kMalformed
  ///          if a datagram is longer than the buffer.
  [[nodiscard]] virtual Result<Bytes> Receive(std::span<std::byte> buffer) = 0;

  /// The netlink port ID of this socket; replies carry it.
  [[nodiscard]] virtual std::uint32_t port_id() const = 0;
};

/// Opens a socket in the network namespace of the calling thread.
using NetlinkSocketFactory = std::function<Result<std::unique_ptr<NetlinkSocket>>()>;

/// \brief  Opens a NetlinkSocket with libmnl, unless that could make the kernel load a module.
/// Errors:  kNotLoaded and kHeldBack, and no socket is opened, as Presence::Ctnetlink(). The first
///          reply tells of a missing CAP_NET_ADMIN.
/// Threads and cost: any thread; some ten system calls. Receive() times out after five seconds.
[[nodiscard]] Result<std::unique_ptr<NetlinkSocket>> OpenNetlinkSocket(
    std::shared_ptr<const Presence> presence);

/// \brief  A socket that receives an event for every new, changed and destroyed flow of the network
///         namespace in which it was opened. It sends nothing.
/// Threads: Wait() and Wake() at any time, all else one at a time.
class EventSocket {
 public:
  virtual ~EventSocket() = default;

  /// Returns when there is something to receive, or after Wake().
  virtual void Wait() = 0;

  /// Ends Wait(), now and from now on.
  virtual void Wake() = 0;

  /// The next datagrams, without waiting; none if all have been received. Valid until the next
  /// call. One that is longer than the room for it is cut off.
  /// Errors:  kOverrun if the kernel lost messages for want of room: the next call yields those
  ///          that it kept.
  [[nodiscard]] virtual Result<std::span<const Bytes>> Receive() = 0;

  /// Messages that the kernel lost since the socket was opened, modulo 2^32. Nothing if the kernel
  /// does not tell.
  [[nodiscard]] virtual std::optional<std::uint32_t> lost() const = 0;

  /// The granted receive buffer, as the kernel counts it: with its own overhead.
  [[nodiscard]] virtual std::size_t buffer_bytes() const = 0;
};

/// Opens a socket in the network namespace of the calling thread, with that receive buffer.
using EventSocketFactory =
    std::function<Result<std::unique_ptr<EventSocket>>(std::size_t buffer_bytes)>;

/// \brief  Opens an EventSocket with libmnl, unless that could make the kernel load a module.
/// Source:  NFNLGRP_CONNTRACK_{NEW,UPDATE,DESTROY}; one datagram an event, which takes 1.3 kB of
///          the buffer. SO_RCVBUFFORCE needs CAP_NET_ADMIN in the first user namespace; otherwise
///          net.core.rmem_max limits the buffer. Losses are known since 4.12 (SO_MEMINFO).
/// Errors:  kNotLoaded and kHeldBack, and no socket is opened, as Presence::Ctnetlink(); kDenied,
///          with the remedy, without CAP_NET_ADMIN.
/// Threads and cost: any thread; 128 KiB. Receive() is one recvmmsg for up to 32 events.
[[nodiscard]] Result<std::unique_ptr<EventSocket>> OpenEventSocket(const Presence& presence,
                                                                   std::size_t buffer_bytes);

}  // namespace conntrack::kernel
