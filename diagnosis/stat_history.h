// What the kernel's counters have grown by lately.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "diagnosis/loss_by_cause.h"
#include "kernel/proc/conntrack_stat.h"

namespace conntrack {

/// What was counted in a time.
struct StatGrowth {
  StatTotals totals;
  double seconds = 0;
};

/// \brief  Readings of the counters of about the last minute.
/// Threads and cost: none of its own; five readings of 44 bytes a CPU.
class StatReadings {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kSpan{60};
  static constexpr std::chrono::seconds kInterval{15};
  /// In a shorter time nothing happens that means anything.
  static constexpr std::chrono::seconds kLeast{1};

  /// Takes one more reading, later than those before.
  void Add(Time at, kernel::ConntrackStat stat);

  /// What was counted from the oldest of the readings to this one; nothing where there is none that
  /// is old enough.
  [[nodiscard]] std::optional<StatGrowth> GrowthTo(Time now,
                                                   const kernel::ConntrackStat& stat) const;

 private:
  struct Reading {
    Time at;
    kernel::ConntrackStat stat;
  };
  std::deque<Reading> readings_;  // by time
};

/// \brief  Reads the counters every 15 s, so that even the first view of the page, in an incident
/// where Prometheus gets no answer any more, shows the losses of the last minute.
/// Errors:  a reading that fails is left out.
/// Threads and cost: one thread, one reading every 15 s; GrowthTo() from any thread.
class StatHistory {
 public:
  using Read = std::function<std::optional<kernel::ConntrackStat>()>;

  /// `read` is called on a thread of its own.
  explicit StatHistory(Read read);

  /// As StatReadings::GrowthTo(), to a reading made just now.
  [[nodiscard]] std::optional<StatGrowth> GrowthTo(const kernel::ConntrackStat& stat) const;

 private:
  void Run(const std::stop_token& stop);

  const Read read_;
  mutable std::mutex mutex_;
  std::condition_variable_any stopped_;
  StatReadings readings_;  // guarded by mutex_
  std::jthread thread_;    // last: it starts when all else is there, and ends first
};

}  // namespace conntrack
