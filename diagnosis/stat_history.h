// What the kernel's counters have grown by lately.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "collectors/recent_readings.h"
#include "diagnosis/loss_by_cause.h"
#include "kernel/proc/conntrack_stat.h"

namespace conntrack {

/// What was counted in a time.
struct StatGrowth {
  StatTotals totals;
  double seconds = 0;
};

/// Readings of the counters of about the last minute: 44 bytes a CPU each.
class StatReadings : public RecentReadings<kernel::ConntrackStat> {
 public:
  /// What was counted from the oldest of the readings to this one; nothing where there is none that
  /// is old enough.
  [[nodiscard]] std::optional<StatGrowth> GrowthTo(Time now,
                                                   const kernel::ConntrackStat& stat) const;
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
