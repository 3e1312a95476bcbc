// Receives and counts flow events.
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

/// \brief  Events by kind and protocol, and lifetimes of flows.
/// Units:   events, seconds; since the object was made.
/// Threads and cost: one at a time; some nanoseconds per event, 7 kB.
class EventCounts {
 public:
  /// Upper bounds of the lifetimes, in seconds: the kernel's default timeouts, and shorter ones
  /// that only closed connections can have.
  static constexpr std::array<double, 15> kLifetimeBounds = {
      0.01, 0.1, 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 21600, 86400, 432000};

  /// Protocols with separate lifetimes.
  static constexpr std::array<std::string_view, 3> kLifetimeProtocols = {"tcp", "udp", "other"};

  /// Lifetimes of destroyed flows.
  struct Lifetimes {
    std::array<std::uint64_t, kLifetimeBounds.size() + 1>
        flows{};         ///< Not cumulative; the last one counts longer flows.
    double seconds = 0;  ///< Sum of all lifetimes.

    [[nodiscard]] std::uint64_t count() const;
  };

  /// Adds an event. `received` is in nanoseconds since 1970, and is used if the start of a flow is
  /// known but not its end.
  void Add(const kernel::FlowEvent& event, std::uint64_t received);

  [[nodiscard]] std::uint64_t Of(kernel::FlowEventKind kind, std::uint8_t protocol) const {
    return events_[static_cast<std::size_t>(kind)][protocol];
  }

  /// `protocol` is an index into kLifetimeProtocols.
  [[nodiscard]] const Lifetimes& lifetimes(std::size_t protocol) const {
    return lifetimes_[protocol];
  }

 private:
  std::array<std::array<std::uint64_t, 256>, kernel::kFlowEventNames.size()> events_{};
  std::array<Lifetimes, kLifetimeProtocols.size()> lifetimes_{};
};

/// Everything received so far.
struct EventTotals {
  EventCounts counts;
  std::uint64_t overruns = 0;  ///< Times that the receive buffer was full and events were lost.
  std::optional<std::uint64_t>
      lost;                      ///< Lost events; std::nullopt if the kernel does not report it.
  std::uint64_t skipped = 0;     ///< Messages that could not be decoded as an event.
  std::size_t buffer_bytes = 0;  ///< Receive buffer that the kernel granted.
};

/// \brief  Receives and counts events, from its construction or from when a port can be opened. It
///         pauses for 10 ms after each receive, less with a small buffer, so that it wakes at most
///         a hundred times a second. Events that the kernel loses meanwhile are counted.
/// Errors:  those of opening and receiving. If there is no port, each Totals() tries to open one.
/// Threads and cost: one thread, idle without events. Totals() from any thread; it receives what is
///          there. About 1.5 us per event.
class EventListener {
 public:
  EventListener(kernel::EventSocketFactory open, std::size_t buffer_bytes);

  [[nodiscard]] Result<EventTotals> Totals();

 private:
  void Run(const std::stop_token& stop);
  // mutex_ must be held for all of these.
  [[nodiscard]] Result<void> Open();
  [[nodiscard]] Result<void> Drain();
  void Count(std::span<const kernel::Bytes> datagrams);
  void CountLost();
  void Close();

  const kernel::EventSocketFactory open_;
  const std::size_t buffer_bytes_;

  std::mutex mutex_;  // guards all members below
  std::condition_variable_any changed_;
  std::shared_ptr<kernel::EventSocket>
      port_;                      // shared with the thread, which waits without the mutex
  std::optional<Error> failure_;  // why there is no port, until it has been reported
  std::uint32_t lost_of_port_ = 0;
  std::chrono::nanoseconds pause_{0};
  EventTotals totals_;

  std::jthread thread_;  // last: it starts after and ends before all other members
};

}  // namespace conntrack
