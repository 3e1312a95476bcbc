// The highest value of the last minute.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace conntrack {

/// \brief  The maximum of the values of the last 60 seconds, in slots of one second: constant
/// memory, whatever the rate. A value is forgotten between 59 and 60 seconds after it came.
/// Threads: one at a time.
class SlidingMaximum {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void Add(TimePoint now, std::int64_t value) {
    const auto second = SecondOf(now);
    auto& slot = slots_[static_cast<std::size_t>(second) % slots_.size()];
    slot.maximum = slot.second == second ? std::max(slot.maximum, value) : value;
    slot.second = second;
  }

  /// Nothing where no value came in the last minute.
  [[nodiscard]] std::optional<std::int64_t> Get(TimePoint now) const {
    const auto second = SecondOf(now);
    std::optional<std::int64_t> maximum;
    for (const auto& slot : slots_) {
      if (slot.second < 0 || second - slot.second >= static_cast<std::int64_t>(slots_.size()))
        continue;
      maximum = std::max(maximum.value_or(slot.maximum), slot.maximum);
    }
    return maximum;
  }

 private:
  struct Slot {
    std::int64_t second = -1;
    std::int64_t maximum = 0;
  };

  static std::int64_t SecondOf(TimePoint time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  }

  std::array<Slot, 60> slots_;
};

}  // namespace conntrack
