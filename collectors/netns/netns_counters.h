// Sums of counters of namespaces that come and go.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "kernel/proc/conntrack_stat.h"

namespace conntrack {

/// The counters of losses.
inline constexpr std::array<kernel::StatCounter, 6> kLossCounters = {
    kernel::StatCounter::kDrop,         kernel::StatCounter::kEarlyDrop,
    kernel::StatCounter::kInsertFailed, kernel::StatCounter::kInvalid,
    kernel::StatCounter::kChainTooLong, kernel::StatCounter::kClashResolve};

/// A sum for each of kLossCounters; absent where this kernel does not keep the counter.
using LossSums = std::array<std::optional<std::uint64_t>, kLossCounters.size()>;

/// \brief  Adds up the counters of each namespace over its CPUs, and those of several namespaces.
/// The kernel's counters are 32 bits wide for each CPU and wrap; the sums do not, as long as a
/// counter is read once in 2^31 events. A counter that went backwards is of a new namespace with
/// the number of one that is gone, whose sums start anew. `other` only grows: it has what was added
/// to each namespace while it was among the others.
/// Threads: one at a time.
class NetnsCounters {
 public:
  /// A round is one reading of all namespaces.
  void BeginRound() { ++round_; }

  /// Adds what a namespace has counted since the last round, and returns its sums. `key` is unique
  /// among living namespaces.
  LossSums Add(std::uint64_t key, const kernel::ConntrackStat& stat, bool is_other);

  /// Forgets the namespaces that were not accounted for in the last rounds. Not at once: one whose
  /// only process was replaced while we looked is there again in the next round.
  void EndRound();

  /// What the namespaces without a series of their own have added up to.
  [[nodiscard]] const LossSums& other() const { return other_; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  /// The kernel's own counters, for one CPU.
  using Counts = std::array<std::optional<std::uint32_t>, kLossCounters.size()>;

  struct Entry {
    std::vector<Counts> last;  // by CPU
    LossSums sums;
    std::uint64_t round = 0;
  };

  static bool WentBackwards(const std::vector<Counts>& last, const std::vector<Counts>& now);

  std::unordered_map<std::uint64_t, Entry> entries_;
  LossSums other_;
  std::uint64_t round_ = 0;
};

}  // namespace conntrack
