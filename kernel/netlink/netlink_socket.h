// Sockets to nfnetlink, for requests and for events.
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

/// \brief  An open nfnetlink socket. It belongs to the network namespace in which it was opened.
/// Threads: one at a time.
class NetlinkSocket {
 public:
  virtual ~NetlinkSocket() = default;

  /// Sends a request. No other bytes can be sent.
  /// Errors:  kNotLoaded or kHeldBack, without sending, if the request could load a module.
  [[nodiscard]] virtual Result<void> Send(const CtnetlinkRequest& request) = 0;

  /// Waits for one datagram. Returns the part of `buffer` that it fills.
  /// Errors:  kTimeout; kOverrun (ENOBUFS) if the kernel lost messages because the receive buffer
  ///          was full; kMalformed if the datagram is longer than `buffer`.
  [[nodiscard]] virtual Result<Bytes> Receive(std::span<std::byte> buffer) = 0;

  /// Returns the netlink port ID of this socket; replies carry it.
  [[nodiscard]] virtual std::uint32_t port_id() const = 0;
};

/// Opens a socket in the network namespace of the calling thread.
using NetlinkSocketFactory = std::function<Result<std::unique_ptr<NetlinkSocket>>()>;

/// \brief  Opens a NetlinkSocket with libmnl, unless that could make the kernel load a module.
/// Errors:  those of Presence::Ctnetlink(), without opening a socket. A missing CAP_NET_ADMIN shows
///          only in the first reply.
/// Threads and cost: any thread; some ten system calls. Receive() times out after five seconds.
[[nodiscard]] Result<std::unique_ptr<NetlinkSocket>> OpenNetlinkSocket(
    std::shared_ptr<const Presence> presence);

/// \brief  A socket that receives an event for every new, changed and destroyed flow of the network
///         namespace in which it was opened. It sends nothing.
/// Threads: Wait() and Wake() at any time, everything else one at a time.
class EventSocket {
 public:
  virtual ~EventSocket() = default;

  /// Returns when there are datagrams to receive, or after Wake().
  virtual void Wait() = 0;

  /// Ends the current Wait() and all later ones.
  virtual void Wake() = 0;

  /// Returns the next datagrams, without waiting; empty if all have been received. Valid until the
  /// next call. A datagram that does not fit is cut off.
  /// Errors:  kOverrun if the kernel lost messages because the receive buffer was full. The next
  ///          call returns the messages that it kept.
  [[nodiscard]] virtual Result<std::span<const Bytes>> Receive() = 0;

  /// Returns the number of messages that the kernel lost since the socket was opened, modulo 2^32;
  /// std::nullopt if the kernel does not report it.
  [[nodiscard]] virtual std::optional<std::uint32_t> lost() const = 0;

  /// Returns the granted receive buffer, as the kernel counts it: with its own overhead.
  [[nodiscard]] virtual std::size_t buffer_bytes() const = 0;
};

/// Opens a socket in the network namespace of the calling thread, with a receive buffer of
/// `buffer_bytes`.
using EventSocketFactory =
    std::function<Result<std::unique_ptr<EventSocket>>(std::size_t buffer_bytes)>;

/// \brief  Opens an EventSocket with libmnl, unless that could make the kernel load a module.
/// Source:  NFNLGRP_CONNTRACK_{NEW,UPDATE,DESTROY}; one datagram per event, which takes 1.3 kB of
///          the buffer. SO_RCVBUFFORCE needs CAP_NET_ADMIN in the initial user namespace; otherwise
///          net.core.rmem_max limits the buffer. Losses are known since 4.12 (SO_MEMINFO).
/// Errors:  those of Presence::Ctnetlink(), without opening a socket; kDenied, with the remedy,
///          without CAP_NET_ADMIN.
/// Threads and cost: any thread; 128 KiB. Receive() is one recvmmsg for up to 32 events.
[[nodiscard]] Result<std::unique_ptr<EventSocket>> OpenEventSocket(const Presence& presence,
                                                                   std::size_t buffer_bytes);

}  // namespace conntrack::kernel
