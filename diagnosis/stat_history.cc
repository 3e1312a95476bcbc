#include "diagnosis/stat_history.h"

#include <utility>

#include "kernel/thread.h"

namespace conntrack {

std::optional<StatGrowth> StatReadings::GrowthTo(Time now,
                                                 const kernel::ConntrackStat& stat) const {
  const auto* oldest = Oldest(now);
  if (oldest == nullptr) return std::nullopt;
  return StatGrowth{TotalsBetween(oldest->value, stat),
                    std::chrono::duration<double>(now - oldest->at).count()};
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
