#include "diagnosis/stat_history.h"

#include <utility>

#include "kernel/thread.h"

namespace conntrack {

void StatReadings::Add(Time at, kernel::ConntrackStat stat) {
  readings_.push_back({at, std::move(stat)});
  // What is left reaches back at most the span, and at least the span less one interval.
  while (readings_.size() > 1 && at - readings_.front().at > kSpan) readings_.pop_front();
}

std::optional<StatGrowth> StatReadings::GrowthTo(Time now,
                                                 const kernel::ConntrackStat& stat) const {
  for (const auto& reading : readings_) {
    const auto age = now - reading.at;
    // Where readings have failed for long, the last good one says nothing of the last minute.
    if (age > kSpan + kInterval) continue;
    if (age < kLeast) return std::nullopt;
    return StatGrowth{TotalsBetween(reading.stat, stat),
                      std::chrono::duration<double>(age).count()};
  }
  return std::nullopt;
}

StatHistory::StatHistory(Read read)
    : read_(std::move(read)),
      thread_(kernel::StartThread("stat history",
                                  [this](const std::stop_token& stop) { Run(stop); })) {}

std::optional<StatGrowth> StatHistory::GrowthTo(const kernel::ConntrackStat& stat) const {
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  return readings_.GrowthTo(now, stat);
}

void StatHistory::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    auto stat = read_();
    const auto now = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    if (stat) readings_.Add(now, std::move(*stat));
    stopped_.wait_for(lock, stop, StatReadings::kInterval, [] { return false; });
  }
}

}  // namespace conntrack
