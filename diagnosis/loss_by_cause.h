// Splits packet loss by cause, from the kernel's counters.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "kernel/proc/conntrack_stat.h"
#include "kernel/proc/machine.h"

namespace conntrack {

/// Counters summed over all CPUs, by kernel::StatCounter. Absent if this kernel does not have the
/// counter.
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

/// \brief  Returns the counts since the network namespace was created.
/// Units:   events. A per-CPU counter wraps at 2^32, which the sum cannot show.
[[nodiscard]] StatTotals TotalsOf(const kernel::ConntrackStat& stat);

/// \brief  Returns the counts between two readings: the growth of each per-CPU counter modulo 2^32,
/// summed up.
/// A CPU that is missing in `before` had counted nothing (ReadStat()). A CPU that is missing in
/// `after` is left out.
[[nodiscard]] StatTotals TotalsBetween(const kernel::ConntrackStat& before,
                                       const kernel::ConntrackStat& after);

/// Packets lost to one cause. If the counters cannot tell, `packets` is absent and `unknown` has
/// the reason.
struct Loss {
  std::optional<std::uint64_t> packets;
  std::string_view unknown;  ///< A literal; empty if `packets` is set.

  friend bool operator==(const Loss&, const Loss&) = default;
};

struct LossByCause {
  Loss table_full;        ///< Dropped: the table was full, or the kernel out of memory.
  Loss chain_too_long;    ///< Dropped: the chain of their bucket was too long.
  Loss unresolved_clash;  ///< Lost to a packet that created the same entry at the same time.
  Loss total;             ///< Sum of these; may be known even if its parts are not.

  /// Not lost: packets that could not be tracked. They pass unless a rule drops state INVALID.
  std::optional<std::uint64_t> invalid;
  /// Not lost: entries evicted to make room for new ones. Precedes losses to a full table.
  std::optional<std::uint64_t> evicted;

  friend bool operator==(const LossByCause&, const LossByCause&) = default;
};

/// \brief  Splits lost packets by cause.
/// Source:  which event increments which counter depends on the kernel version
///          (nf_conntrack_core.c). The set of available counters mostly identifies it:
///          - since 5.15 (chain_toolong exists): a full table increments drop; an unresolved
///            clash drop and insert_failed; a long chain insert_failed and chain_toolong;
///          - since 5.10 (clash_resolve exists): the same, without a limit on chains;
///          - 4.9 to 5.9: insert_failed also counts resolved clashes, so drop cannot be split,
///            unless drop or insert_failed is 0;
///          - up to 4.8: every clash is lost, and counted in insert_failed only.
///          The last two have the same counters and differ only by `release`. Without it, values
///          on which they disagree are unknown.
///          Rare paths are not distinguished on any kernel: an entry that died meanwhile
///          increments insert_failed and counts as a clash; a failed slab allocation counts as a
///          full table. Differences of counters that were read one after another are clamped to 0.
/// Units:   packets, in the period of `totals`.
[[nodiscard]] LossByCause SplitLoss(const StatTotals& totals,
                                    std::optional<kernel::KernelRelease> release);

/// Returns the reasons why causes or the total are unknown, each once.
[[nodiscard]] std::vector<std::string_view> UnknownReasons(const LossByCause& loss);

}  // namespace conntrack
