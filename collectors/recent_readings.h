// Readings of the last minute, to calculate what has grown since.
#pragma once

#include <chrono>
#include <deque>
#include <utility>

namespace conntrack {

/// \brief  Keeps the readings of about the last minute.
/// Threads and cost: not synchronized; keeps at most one reading per second.
template <class T>
class RecentReadings {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kSpan{60};
  static constexpr std::chrono::seconds kInterval{15};  ///< Expected interval of readings.
  /// A shorter interval is too short for a meaningful difference.
  static constexpr std::chrono::seconds kLeast{1};

  struct Reading {
    Time at;
    T value;
  };

  /// Adds a reading. It must be later than the previous ones.
  void Add(Time at, T value) {
    if (!readings_.empty() && at - readings_.back().at < kLeast) return;
    readings_.push_back({at, std::move(value)});
    // The rest covers at most the span, and at least the span less one interval.
    while (readings_.size() > 1 && at - readings_.front().at > kSpan) readings_.pop_front();
  }

  /// Returns the oldest reading; nullptr if none is old enough to compare with.
  [[nodiscard]] const Reading* Oldest(Time now) const {
    for (const auto& reading : readings_) {
      const auto age = now - reading.at;
      // If readings have failed for long, the last good one says nothing about the last minute.
      if (age <= kSpan + kInterval) return age < kLeast ? nullptr : &reading;
    }
    return nullptr;
  }

 private:
  std::deque<Reading> readings_;  // by time
};

}  // namespace conntrack
