// The readings of the last minute, to tell what has grown since.
#pragma once

#include <chrono>
#include <deque>
#include <utility>

namespace conntrack {

/// \brief  Readings of about the last minute.
/// Threads and cost: none of its own; keeps at most one reading a second.
template <class T>
class RecentReadings {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kSpan{60};
  static constexpr std::chrono::seconds kInterval{15};  ///< At which readings should come.
  /// In a shorter time nothing happens that means anything.
  static constexpr std::chrono::seconds kLeast{1};

  struct Reading {
    Time at;
    T value;
  };

  /// Takes one more reading, later than those before.
  void Add(Time at, T value) {
    if (!readings_.empty() && at - readings_.back().at < kLeast) return;
    readings_.push_back({at, std::move(value)});
    // What is left reaches back at most the span, and at least the span less one interval.
    while (readings_.size() > 1 && at - readings_.front().at > kSpan) readings_.pop_front();
  }

  /// The oldest of the readings; null where there is none that is old enough to compare with.
  [[nodiscard]] const Reading* Oldest(Time now) const {
    for (const auto& reading : readings_) {
      const auto age = now - reading.at;
      // Where readings have failed for long, the last good one says nothing of the last minute.
      if (age <= kSpan + kInterval) return age < kLeast ? nullptr : &reading;
    }
    return nullptr;
  }

 private:
  std::deque<Reading> readings_;  // by time
};

}  // namespace conntrack
