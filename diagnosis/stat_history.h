// Recent growth of the kernel's counters.
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

/// Counts in a period.
struct StatGrowth {
  StatTotals totals;
  double seconds = 0;
};

/// Readings of the counters in about the last minute; 44 bytes per CPU and reading.
class StatReadings : public RecentReadings<kernel::ConntrackStat> {
 public:
  /// Returns the counts from the oldest reading to this one; std::nullopt if no reading is old
  /// enough.
  [[nodiscard]] std::optional<StatGrowth> GrowthTo(Time now,
                                                   const kernel::ConntrackStat& stat) const;
};

/// \brief  Reads the counters every 15 s. Even the first view of the status page, in an incident
/// where Prometheus cannot scrape, then shows the losses of the last minute.
/// Errors:  a reading that fails is left out.
/// Threads and cost: one thread, one reading every 15 s; GrowthTo() from any thread.
class StatHistory {
 public:
  using Read = std::function<std::optional<kernel::ConntrackStat>()>;

  /// `read` is called on a thread of its own.
  explicit StatHistory(Read read);

  /// Like StatReadings::GrowthTo(), for a reading made just now.
  [[nodiscard]] std::optional<StatGrowth> GrowthTo(const kernel::ConntrackStat& stat) const;

 private:
  void Run(const std::stop_token& stop);

  const Read read_;
  mutable std::mutex mutex_;
  std::condition_variable_any stopped_;
  StatReadings readings_;  // Guarded by mutex_.
  std::jthread thread_;    // Last member: starts last, stops first.
};

}  // namespace conntrack
