// The seam between the events of ctnetlink and the socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "kernel/netlink/netlink_attribute.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  A socket that is told of every new, changed and destroyed flow of the network namespace
/// in which it was opened. It can send nothing.
/// Threads: Wait() and Wake() at any time, all else one at a time.
class EventSocket {
 public:
  EventSocket() = default;
  EventSocket(const EventSocket&) = delete;
  EventSocket& operator=(const EventSocket&) = delete;
  virtual ~EventSocket() = default;

  /// Returns when there is something to receive, however long that takes, or after Wake().
  virtual void Wait() = 0;

  /// Ends Wait(), now and from now on.
  virtual void Wake() = 0;

  /// The next datagrams, without waiting for more; none where all have been received. They are
  /// there until the next call. One that was longer than there was room for is cut off.
  /// Errors:  kOverrun where the kernel lost messages for want of room: the next call yields those
  ///          that it kept.
  [[nodiscard]] virtual Result<std::span<const Bytes>> Receive() = 0;

  /// Messages that the kernel lost since the port was opened, modulo 2^32. Nothing where the kernel
  /// does not tell.
  [[nodiscard]] virtual std::optional<std::uint32_t> lost() const = 0;

  /// The room for messages that the kernel granted, as it counts it: with its own overhead.
  [[nodiscard]] virtual std::size_t buffer_bytes() const = 0;
};

/// Opens a port in the network namespace of the calling thread, and asks for that much room.
using EventSocketFactory =
    std::function<Result<std::unique_ptr<EventSocket>>(std::size_t buffer_bytes)>;

}  // namespace conntrack::kernel
