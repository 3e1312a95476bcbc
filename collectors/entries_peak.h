// The peak of the table between scrapes.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "kernel/proc/kernel_files.h"

namespace conntrack {

/// \brief  Maximum of the values of the last 60 seconds, in slots of one second. Memory is
///         constant, whatever the rate. A value expires 59 to 60 seconds after it was added.
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

  /// Returns std::nullopt if no value was added in the last minute.
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

/// \brief  Total time for which the table was full: at least 95 % of its limit. Each reading counts
///         for the time since the previous one.
/// Threads: one at a time, and `now` never decreases.
class FullTime {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void Add(TimePoint now, std::int64_t count, std::int64_t limit) {
    const bool full = limit > 0 && static_cast<double>(count) >= kFull * static_cast<double>(limit);
    if (full && last_) total_ += now - *last_;
    last_ = now;
  }

  [[nodiscard]] double seconds() const { return std::chrono::duration<double>(total_).count(); }

 private:
  static constexpr double kFull = 0.95;

  std::optional<TimePoint> last_;
  TimePoint::duration total_{0};
};

/// \brief  Reads nf_conntrack_count and nf_conntrack_max four times a second. Keeps the highest
///         count of the last minute, the highest count ever read, and the time for which the table
///         was full. This shows bursts between two scrapes: they may drop packets, but leave no
///         trace in the count.
/// Source:  /proc/sys/net/netfilter/nf_conntrack_{count,max} in the network namespace of the
///          process.
/// Errors:  failed readings are skipped. Without any reading in the last minute, there is no peak.
/// Threads and cost: one thread with six system calls every 250 ms; all methods from any thread.
class EntriesPeak {
 public:
  /// Called on the thread with each count, and with the limit if it could be read.
  using Watch = std::function<void(std::int64_t count, std::optional<std::int64_t> limit)>;

  explicit EntriesPeak(kernel::KernelFiles proc, Watch watch = {});

  /// Returns the highest count of the last minute, including `current`, which was just read.
  [[nodiscard]] std::int64_t Get(std::int64_t current);

  /// Returns the highest count since this object was made, including `current`.
  [[nodiscard]] std::int64_t Highest(std::int64_t current);

  /// Returns the seconds for which the table was full since this object was made, including this
  /// reading of `current` and `limit`.
  [[nodiscard]] double FullSeconds(std::int64_t current, std::int64_t limit);

 private:
  void Run(const std::stop_token& stop);
  void Add(std::chrono::steady_clock::time_point now, std::int64_t count);  // mutex_ held

  const kernel::KernelFiles proc_;
  const Watch watch_;
  std::mutex mutex_;
  SlidingMaximum maximum_;    // guarded by mutex_
  std::int64_t highest_ = 0;  // guarded by mutex_
  FullTime full_;             // guarded by mutex_
  std::jthread thread_;
};

}  // namespace conntrack
