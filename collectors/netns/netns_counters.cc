#include "collectors/netns/netns_counters.h"

#include <utility>

namespace conntrack {
namespace {

constexpr std::uint64_t kRoundsKept = 3;

// Half of the range: a larger difference is a decrease.
constexpr std::uint32_t kHalf = 1U << 31U;

}  // namespace

bool NetnsCounters::WentBackwards(const std::vector<Counts>& last, const std::vector<Counts>& now) {
  if (last.size() != now.size()) return true;
  for (std::size_t cpu = 0; cpu < now.size(); ++cpu) {
    for (std::size_t i = 0; i < kLossCounters.size(); ++i) {
      const auto was = last[cpu][i].value_or(0);
      const auto is = now[cpu][i].value_or(0);
      if (is - was >= kHalf) return true;
    }
  }
  return false;
}

LossSums NetnsCounters::Add(std::uint64_t key, const kernel::ConntrackStat& stat, bool is_other) {
  std::vector<Counts> now(stat.cpus.size());
  for (std::size_t cpu = 0; cpu < now.size(); ++cpu) {
    for (std::size_t i = 0; i < kLossCounters.size(); ++i) {
      now[cpu][i] = stat.cpus[cpu][kLossCounters[i]];
    }
  }
  auto& entry = entries_[key];
  if (WentBackwards(entry.last, now)) entry = {std::vector<Counts>(now.size()), {}, 0};
  for (std::size_t cpu = 0; cpu < now.size(); ++cpu) {
    for (std::size_t i = 0; i < kLossCounters.size(); ++i) {
      if (!now[cpu][i]) continue;
      const std::uint32_t added = *now[cpu][i] - entry.last[cpu][i].value_or(0);
      entry.sums[i] = entry.sums[i].value_or(0) + added;
      other_[i] = other_[i].value_or(0) + (is_other ? added : 0);
    }
  }
  entry.last = std::move(now);
  entry.round = round_;
  return entry.sums;
}

void NetnsCounters::EndRound() {
  std::erase_if(entries_,
                [this](const auto& keyed) { return round_ - keyed.second.round >= kRoundsKept; });
}

}  // namespace conntrack
