#include "diagnosis/day_history.h"

#include <algorithm>
#include <utility>

#include "diagnosis/situation.h"

namespace conntrack {
namespace {

using std::chrono::seconds;

constexpr std::chrono::minutes kOneMinute{1};
/// Larger growth within one minute is impossible: the counter restarted at 0.
constexpr std::uint64_t kImpossible = 1ULL << 31U;

bool BeganAgain(const StatTotals& growth) {
  using enum kernel::StatCounter;
  return std::ranges::any_of(
      std::array{kDrop, kInsertFailed, kChainTooLong, kEarlyDrop},
      [&](auto counter) { return growth[counter].value_or(0) >= kImpossible; });
}

seconds SinceEpoch(DayHistory::WallTime wall) {
  return std::chrono::floor<seconds>(wall.time_since_epoch());
}

}  // namespace

const DaySeries* DayView::Find(std::string_view subject, std::string_view name) const {
  const auto found = std::ranges::find_if(
      series, [&](const DaySeries& one) { return one.subject == subject && one.name == name; });
  return found == series.end() ? nullptr : &*found;
}

DayHistory::DayHistory(Time now, WallTime wall) : start_(now - SinceEpoch(wall) % kOneMinute) {}

DayHistory::Minute DayHistory::MinuteOf(Time time) const {
  return std::chrono::floor<std::chrono::minutes>(time - start_).count();
}

MinuteFigures& DayHistory::SlotOf(std::size_t series, Minute minute) {
  return slots_[series][static_cast<std::size_t>(minute) % kDayMinutes];
}

/// Clears the slots that the new minutes reuse.
void DayHistory::Advance(Minute minute) {
  const auto oldest = minute - static_cast<Minute>(kDayMinutes);
  for (auto next = std::max(newest_, oldest) + 1; next <= minute; ++next) {
    for (std::size_t series = 0; series < kSeries; ++series) SlotOf(series, next) = {};
  }
  newest_ = std::max(newest_, minute);
}

void DayHistory::Add(std::size_t series, Minute minute, double value) {
  Advance(minute);
  if (minute < 0 || newest_ - minute >= static_cast<Minute>(kDayMinutes)) return;
  auto& under_way = under_way_[series];
  if (under_way.minute != minute) under_way = {minute};
  under_way.sum += value;
  ++under_way.values;
  auto& slot = SlotOf(series, minute);
  const auto number = static_cast<float>(value);
  slot.minimum = slot.known() ? std::min(slot.minimum, number) : number;
  slot.maximum = slot.known() ? std::max(slot.maximum, number) : number;
  slot.mean = static_cast<float>(under_way.sum / under_way.values);
}

void DayHistory::AddEntries(Time now, std::int64_t entries, std::optional<std::int64_t> limit) {
  const std::lock_guard lock(mutex_);
  const auto minute = MinuteOf(now);
  Add(kEntries, minute, static_cast<double>(entries));
  if (limit) Add(kLimit, minute, static_cast<double>(*limit));
}

void DayHistory::AddStat(Time now, kernel::ConntrackStat stat,
                         std::optional<kernel::KernelRelease> release) {
  const std::lock_guard lock(mutex_);
  const auto before = std::exchange(last_counters_, Counters{now, std::move(stat)});
  if (!before || now <= before->at || now - before->at > kOneMinute) return;
  const auto growth = TotalsBetween(before->stat, last_counters_->stat);
  if (BeganAgain(growth)) return;
  const auto loss = SplitLoss(growth, release);
  const std::chrono::duration<double> time = now - before->at;
  const auto add = [&](Series series, std::optional<std::uint64_t> count) {
    if (count) Add(series, MinuteOf(now), static_cast<double>(*count) / time.count());
  };
  add(kTableFull, loss.table_full.packets);
  add(kChainTooLong, loss.chain_too_long.packets);
  add(kUnresolvedClash, loss.unresolved_clash.packets);
  add(kLost, loss.total.packets);
  add(kEvicted, loss.evicted);
}

void DayHistory::AddWalk(const FlowSnapshot& walk) {
  const std::lock_guard lock(mutex_);
  if (last_walk_ && walk.completed <= *last_walk_) return;
  last_walk_ = walk.completed;
  const auto minute = MinuteOf(walk.completed);
  Advance(minute);
  Pairs flows{};
  std::uint64_t others = 0;
  for (const auto& state : FiguresOf(walk.counts, {}).states) {  // The most frequent first.
    const auto pair = PlaceFor(state.protocol + " " + state.state, state.flows, flows);
    (pair ? flows[*pair] : others) += state.flows;
  }
  for (std::size_t pair = 0; pair < kPairs; ++pair) {
    if (!pairs_[pair].empty()) Add(kFlows + pair, minute, static_cast<double>(flows[pair]));
  }
  Add(kOtherFlows, minute, static_cast<double>(others));
}

float DayHistory::MaximumOf(std::size_t series) const {
  float maximum = 0;
  for (const auto& slot : slots_[series]) {
    if (slot.known()) maximum = std::max(maximum, slot.maximum);
  }
  return maximum;
}

/// Returns the slot of the pair with that name, which may replace another pair; std::nullopt if it
/// counts among the others. `walked` has the flows of this walk so far.
std::optional<std::size_t> DayHistory::PlaceFor(const std::string& name, std::uint64_t flows,
                                                const Pairs& walked) {
  std::size_t smallest = 0;
  auto least = std::numeric_limits<float>::infinity();
  for (std::size_t pair = 0; pair < kPairs; ++pair) {
    if (pairs_[pair] == name) return pair;
    const float maximum =
        pairs_[pair].empty() ? -1
                             : std::max(MaximumOf(kFlows + pair), static_cast<float>(walked[pair]));
    if (maximum < least) {
      least = maximum;
      smallest = pair;
    }
  }
  if (static_cast<float>(flows) <= least) return std::nullopt;
  AddToOthers(smallest);
  pairs_[smallest] = name;
  return smallest;
}

void DayHistory::AddToOthers(std::size_t pair) {
  for (std::size_t i = 0; i < kDayMinutes; ++i) {
    const auto gone = std::exchange(slots_[kFlows + pair][i], {});
    if (!gone.known()) continue;
    auto& others = slots_[kOtherFlows][i];  // Known if any pair is known.
    others.minimum += gone.minimum;
    others.mean += gone.mean;
    others.maximum += gone.maximum;
  }
  auto& others = under_way_[kOtherFlows];
  const auto gone = std::exchange(under_way_[kFlows + pair], {});
  if (gone.minute == others.minute) others.sum += gone.sum;
}

DayView DayHistory::View(Time now, WallTime wall) const {
  const std::lock_guard lock(mutex_);
  const auto last = std::max(MinuteOf(now), newest_);
  const auto first = std::max<Minute>(0, last - static_cast<Minute>(kDayMinutes) + 1);
  DayView view;
  // Rounded, because the two clocks drift apart.
  const auto start = std::chrono::round<std::chrono::minutes>(wall - (now - start_));
  view.begin = SinceEpoch(start + first * kOneMinute).count();
  const auto add = [&](std::size_t series, std::string_view subject, std::string_view name = {}) {
    auto& minutes =
        view.series.emplace_back(DaySeries{std::string(subject), std::string(name), {}}).minutes;
    for (auto minute = first; minute <= last; ++minute) {
      minutes.push_back(minute <= newest_
                            ? slots_[series][static_cast<std::size_t>(minute) % kDayMinutes]
                            : MinuteFigures{});
    }
  };
  add(kEntries, kEntriesSubject);
  add(kLimit, kLimitSubject);
  for (std::size_t pair = 0; pair < kPairs; ++pair) {
    if (!pairs_[pair].empty()) add(kFlows + pair, kFlowsSubject, pairs_[pair]);
  }
  add(kOtherFlows, kFlowsSubject, kOther);
  add(kTableFull, kLostSubject, "table full");
  add(kChainTooLong, kLostSubject, "chain too long");
  add(kUnresolvedClash, kLostSubject, "unresolved clash");
  add(kLost, kLostSubject, kLostInAll);
  add(kEvicted, kEvictedSubject);
  return view;
}

}  // namespace conntrack
