// Keeps up with the events of flows.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "collectors/events/event_counts.h"
#include "kernel/netlink/netlink_socket.h"

namespace conntrack {

/// What has been heard so far.
struct EventTotals {
  EventCounts counts;
  std::uint64_t overruns = 0;  ///< Times that the kernel had no room left and lost events.
  std::optional<std::uint64_t>
      lost;                      ///< Events lost by that; nothing where the kernel does not tell.
  std::uint64_t skipped = 0;     ///< Messages that could not be read as an event.
  std::size_t buffer_bytes = 0;  ///< Room that the kernel granted.
};

/// \brief  Receives and counts events from the moment it is made, or from when a port can be
/// opened.
///
/// Events that come while it receives are left to gather for 10 ms, less where the kernel granted
/// little room: it wakes a hundred times a second at most, whatever the rate, and the packets that
/// cause the events wake nobody. Where it falls behind nevertheless, the kernel loses events and
/// says so: that is counted, and what it kept is received.
/// Errors:  those of opening and receiving; each Totals() tries to open a port where there is none.
/// Threads and cost: one thread, which sleeps while nothing happens; Totals() from any thread: it
///          receives what is there and so knows of all that happened before. About 1.5 us an event.
class EventListener {
 public:
  EventListener(kernel::EventSocketFactory open, std::size_t buffer_bytes);
  EventListener(const EventListener&) = delete;
  EventListener& operator=(const EventListener&) = delete;
  ~EventListener();

  [[nodiscard]] Result<EventTotals> Totals();

 private:
  void Run(const std::stop_token& stop);
  // All of these with mutex_ held.
  [[nodiscard]] Result<void> Open();
  [[nodiscard]] Result<void> Drain();
  void Count(std::span<const kernel::Bytes> datagrams);
  void CountLost();
  void Close();

  const kernel::EventSocketFactory open_;
  const std::size_t buffer_bytes_;

  std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  std::shared_ptr<kernel::EventSocket>
      port_;                      // shared with the thread, which waits without the mutex
  std::optional<Error> failure_;  // why there is no port any more, until it has been told
  std::uint32_t lost_of_port_ = 0;
  std::chrono::nanoseconds pause_{0};
  EventTotals totals_;

  std::jthread thread_;  // last: it starts when all else is there, and ends first
};

}  // namespace conntrack
