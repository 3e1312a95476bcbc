// Why packets were lost, as far as the kernel's counters tell.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "kernel/proc/conntrack_stat.h"
#include "kernel/proc/machine.h"

namespace conntrack {

/// The counters over all CPUs, by kernel::StatCounter; absent where this kernel does not keep one.
struct StatTotals {
  std::array<std::optional<std::uint64_t>, kernel::kStatCounters> counters;

  [[nodiscard]] std::optional<std::uint64_t>& operator[](kernel::StatCounter counter) {
    return counters[static_cast<std::size_t>(counter)];
  }
  [[nodiscard]] const std::optional<std::uint64_t>& operator[](kernel::StatCounter counter) const {
    return counters[static_cast<std::size_t>(counter)];
  }
  friend bool operator==(const StatTotals&, const StatTotals&) = default;
};

/// \brief  What was counted since the network namespace was made.
/// Units:   events. A CPU that has counted 2^32 of something began again at 0; the sum cannot tell.
[[nodiscard]] StatTotals TotalsOf(const kernel::ConntrackStat& stat);

/// \brief  What was counted between two readings: the growth of each CPU's counter modulo 2^32,
/// summed up.
/// A CPU that is missing before had counted nothing (ReadStat()); one that is missing after is left
/// out.
[[nodiscard]] StatTotals TotalsBetween(const kernel::ConntrackStat& before,
                                       const kernel::ConntrackStat& after);

/// Packets lost to one cause. Where the counters do not tell, `packets` is absent and `unknown`
/// says why.
struct Loss {
  std::optional<std::uint64_t> packets;
  std::string_view unknown;  ///< A literal; empty where `packets` is there.

  friend bool operator==(const Loss&, const Loss&) = default;
};

struct LossByCause {
  Loss table_full;        ///< Refused because the table was full, or the kernel out of memory.
  Loss chain_too_long;    ///< Refused because the chain of their bucket was too long.
  Loss unresolved_clash;  ///< Lost against a packet that made the same entry at the same time.
  Loss total;             ///< All of these; often known where its parts are not.

  /// Not lost: packets that could not be tracked. They pass, unless a rule drops state INVALID.
  std::optional<std::uint64_t> invalid;
  /// Not lost: entries evicted to make room for new ones. Losses by table full are near.
  std::optional<std::uint64_t> evicted;

  friend bool operator==(const LossByCause&, const LossByCause&) = default;
};

/// \brief  Splits lost packets by cause.
/// Source:  which event moves which counter has changed (nf_conntrack_core.c), and which counters
///          there are tells most of it:
///          - since 5.15 (chain_toolong is kept): a full table moves drop, an unresolved clash drop
///            and insert_failed, a long chain insert_failed and chain_toolong;
///          - since 5.10 (clash_resolve is kept): the same without a limit on chains;
///          - 4.9 to 5.9: insert_failed counts clashes that were resolved too, so the two parts of
///            drop cannot be told apart, unless there was no clash or no drop at all;
///          - to 4.8: every clash is lost and in insert_failed only.
///          The last two keep the same counters: `release` tells them apart; without it, what they
///          disagree on is unknown.
///          Rare paths are not told apart on any kernel: an entry that died meanwhile is in
///          insert_failed and counts as a clash, a slab that has no memory counts as a full table.
///          Differences of counters that were read one after another are held at 0.
/// Units:   packets, for the time that `totals` is for.
[[nodiscard]] LossByCause SplitLoss(const StatTotals& totals,
                                    std::optional<kernel::KernelRelease> release);

/// Why causes, or the total, are unknown: each reason once.
[[nodiscard]] std::vector<std::string_view> UnknownReasons(const LossByCause& loss);

}  // namespace conntrack
