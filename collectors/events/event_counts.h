// Counting events of flows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kernel/netlink/flow_message.h"

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

}  // namespace conntrack
