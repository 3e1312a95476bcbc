#include "diagnosis/loss_by_cause.h"

#include <algorithm>

namespace conntrack {
namespace {

using kernel::StatCounter;

constexpr std::string_view kNoCounters = "the counters drop and insert_failed cannot be read";
constexpr std::string_view kNoChainLimit = "this kernel refuses no packet for a long chain (5.15)";
constexpr std::string_view kMixedInDrop =
    "before 5.10 insert_failed counts resolved clashes too, so drop cannot be split";
constexpr std::string_view kReleaseUnknown =
    "what drop counts changed in 4.9, and the kernel's release is unknown";

constexpr kernel::KernelRelease kClashesInDrop{4, 9};

Loss Known(std::uint64_t packets) { return {packets, {}}; }
Loss Unknown(std::string_view why) { return {std::nullopt, why}; }

std::uint64_t SubtractDownToZero(std::uint64_t from, std::uint64_t what) {
  return from - std::min(from, what);
}

/// Adds to a sum that is absent until the first value.
void Add(std::optional<std::uint64_t>& sum, std::uint64_t value) { sum = sum.value_or(0) + value; }

/// 5.10 and later: resolved clashes have their own counter.
void SplitExactly(std::uint64_t drop, std::uint64_t insert_failed,
                  std::optional<std::uint64_t> chain_toolong, LossByCause& loss) {
  const auto chain = chain_toolong.value_or(0);
  const auto clash = SubtractDownToZero(insert_failed, chain);
  const auto full = SubtractDownToZero(drop, clash);
  loss.table_full = Known(full);
  loss.unresolved_clash = Known(clash);
  loss.chain_too_long = chain_toolong ? Known(chain) : Unknown(kNoChainLimit);
  loss.total = Known(full + clash + chain);
}

/// 4.9 to 5.9: `drop` is the total loss; `insert_failed` is at least the number of clashes in it.
void SplitWithResolvedClashes(std::uint64_t drop, std::uint64_t insert_failed, LossByCause& loss) {
  const bool one_cause = drop == 0 || insert_failed == 0;
  loss.table_full = one_cause ? Known(drop) : Unknown(kMixedInDrop);
  loss.unresolved_clash = one_cause ? Known(0) : Unknown(kMixedInDrop);
  loss.total = Known(drop);
}

/// Up to 4.8: no packet is counted in both `drop` and `insert_failed`.
void SplitApart(std::uint64_t drop, std::uint64_t insert_failed, LossByCause& loss) {
  loss.table_full = Known(drop);
  loss.unresolved_clash = Known(insert_failed);
  loss.total = Known(drop + insert_failed);
}

/// 5.9 or earlier, exact release unknown: returns what both ways of counting agree on.
void SplitWithoutRelease(std::uint64_t drop, std::uint64_t insert_failed, LossByCause& loss) {
  if (insert_failed == 0) return SplitApart(drop, insert_failed, loss);
  loss.table_full = drop == 0 ? Known(0) : Unknown(kReleaseUnknown);
  loss.unresolved_clash = Unknown(kReleaseUnknown);
  loss.total = Unknown(kReleaseUnknown);
}

}  // namespace

StatTotals TotalsOf(const kernel::ConntrackStat& stat) {
  StatTotals totals;
  for (const auto& cpu : stat.cpus) {
    for (std::size_t i = 0; i < kernel::kStatCounters; ++i) {
      if (cpu.counters[i]) Add(totals.counters[i], *cpu.counters[i]);
    }
  }
  return totals;
}

StatTotals TotalsBetween(const kernel::ConntrackStat& before, const kernel::ConntrackStat& after) {
  StatTotals totals;
  for (const auto& now : after.cpus) {
    const auto then = std::ranges::find(before.cpus, now.cpu, &kernel::CpuStat::cpu);
    const bool counted = then != before.cpus.end();
    for (std::size_t i = 0; i < kernel::kStatCounters; ++i) {
      const auto base = counted ? then->counters[i] : std::optional<std::uint32_t>(0);
      if (!now.counters[i] || !base) continue;
      Add(totals.counters[i], *now.counters[i] - *base);  // Modulo 2^32 on purpose.
    }
  }
  return totals;
}

LossByCause SplitLoss(const StatTotals& totals, std::optional<kernel::KernelRelease> release) {
  LossByCause loss;
  loss.invalid = totals[StatCounter::kInvalid];
  loss.evicted = totals[StatCounter::kEarlyDrop];
  const auto drop = totals[StatCounter::kDrop];
  const auto insert_failed = totals[StatCounter::kInsertFailed];
  if (!drop || !insert_failed) {
    loss.table_full = loss.unresolved_clash = loss.total = Unknown(kNoCounters);
    const auto chain = totals[StatCounter::kChainTooLong];
    loss.chain_too_long = chain ? Known(*chain) : Unknown(kNoCounters);
    return loss;
  }
  loss.chain_too_long = Unknown(kNoChainLimit);
  if (totals[StatCounter::kClashResolve]) {
    SplitExactly(*drop, *insert_failed, totals[StatCounter::kChainTooLong], loss);
  } else if (!release) {
    SplitWithoutRelease(*drop, *insert_failed, loss);
  } else if (*release >= kClashesInDrop) {
    SplitWithResolvedClashes(*drop, *insert_failed, loss);
  } else {
    SplitApart(*drop, *insert_failed, loss);
  }
  return loss;
}

std::vector<std::string_view> UnknownReasons(const LossByCause& loss) {
  std::vector<std::string_view> reasons;
  for (const auto* cause :
       {&loss.table_full, &loss.chain_too_long, &loss.unresolved_clash, &loss.total}) {
    const bool known = std::ranges::find(reasons, cause->unknown) != reasons.end();
    if (!cause->packets && !known) reasons.push_back(cause->unknown);
  }
  return reasons;
}

}  // namespace conntrack
