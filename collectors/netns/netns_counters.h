// Sums of the counters of namespaces, which are created and destroyed all the time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "kernel/proc/conntrack_stat.h"

namespace conntrack {

/// Counters of losses.
inline constexpr std::array<kernel::StatCounter, 6> kLossCounters = {
    kernel::StatCounter::kDrop,         kernel::StatCounter::kEarlyDrop,
    kernel::StatCounter::kInsertFailed, kernel::StatCounter::kInvalid,
    kernel::StatCounter::kChainTooLong, kernel::StatCounter::kClashResolve};

/// A sum per counter in kLossCounters; absent if this kernel does not have the counter.
using LossSums = std::array<std::optional<std::uint64_t>, kLossCounters.size()>;

/// \brief  Adds up the counters of each namespace over its CPUs, and those of several namespaces.
///         The kernel's counters are 32 bits wide per CPU and wrap. The sums do not wrap if a
///         counter is read at least once in 2^31 events. A counter that decreased belongs to a new
///         namespace that reuses the number of an old one; its sums start again at zero. `other`
///         only grows: it has what was added to each namespace while it was among the others.
/// Threads: one at a time.
class NetnsCounters {
 public:
  /// Begins a round: one reading of all namespaces.
  void BeginRound() { ++round_; }

  /// Adds what a namespace has counted since the last round. Returns its sums. `key` is unique
  /// among existing namespaces.
  LossSums Add(std::uint64_t key, const kernel::ConntrackStat& stat, bool is_other);

  /// Removes the namespaces that were not added in the last rounds. Not at once: a namespace whose
  /// only process was replaced during a round is found again in the next one.
  void EndRound();

  /// Returns the sums of the namespaces without series of their own.
  [[nodiscard]] const LossSums& other() const { return other_; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  /// The kernel's counters of one CPU.
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
