// Keeps up with the events of flows.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

#include "kernel/netlink/flow_message.h"
#include "kernel/netlink/netlink_socket.h"

namespace conntrack {

/// \brief  Events by kind and protocol, and how long flows lived.
/// Units:   events, seconds; since it was made.
/// Threads and cost: one at a time; some nanoseconds an event, 7 kB.
class EventCounts {
 public:
  /// Upper bounds of the lifetimes that are told apart, in seconds: the kernel's default timeouts,
  /// and below them what only a closed connection can be.
  static constexpr std::array<double, 15> kLifetimeBounds = {
      0.01, 0.1, 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 21600, 86400, 432000};

  /// Protocols whose lifetimes are told apart.
  static constexpr std::array<std::string_view, 3> kLifetimeProtocols = {"tcp", "udp", "other"};

  /// How long flows lived that are gone.
  struct Lifetimes {
    std::array<std::uint64_t, kLifetimeBounds.size() + 1>
        flows{};         ///< Not cumulative; the last: longer.
    double seconds = 0;  ///< All of them together.

    [[nodiscard]] std::uint64_t count() const;
  };

  /// `received`: nanoseconds since 1970, for flows of which it is known when they began, but not
  /// when they ended.
  void Add(const kernel::FlowEvent& event, std::uint64_t received);

  [[nodiscard]] std::uint64_t Of(kernel::FlowEventKind kind, std::uint8_t protocol) const {
    return events_[static_cast<std::size_t>(kind)][protocol];
  }

  /// By index into kLifetimeProtocols.
  [[nodiscard]] const Lifetimes& lifetimes(std::size_t protocol) const {
    return lifetimes_[protocol];
  }

 private:
  std::array<std::array<std::uint64_t, 256>, kernel::kFlowEventNames.size()> events_{};
  std::array<Lifetimes, kLifetimeProtocols.size()> lifetimes_{};
};

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
/// opened. It pauses for 10 ms after each receive, less with a small buffer, so that it wakes a
/// hundred times a second at most. Events that the kernel loses meanwhile are counted.
/// Errors:  those of opening and receiving; each Totals() tries to open a port where there is none.
/// Threads and cost: one thread, idle without events; Totals() from any thread, which receives what
///          is there. About 1.5 us an event.
class EventListener {
 public:
  EventListener(kernel::EventSocketFactory open, std::size_t buffer_bytes);

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
