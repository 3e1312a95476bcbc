// A walk of the table that all callers share.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "collectors/flows/flow_tally.h"
#include "kernel/flow_source.h"
#include "kernel/result.h"

namespace conntrack {

/// The result of one completed walk.
struct FlowSnapshot : FlowSummary {
  std::chrono::steady_clock::time_point completed;
  std::chrono::steady_clock::duration duration{};  ///< Duration of the walk.
  std::string source;                              ///< "ctnetlink" or "bpf".
  std::optional<Error> fallback_reason{};          ///< See kernel::FlowSource.
  std::optional<kernel::HashTableStats> table{};   ///< Set by sources that see the hash table.
  /// Entries that the kernel counted but the walk did not see; see EntriesThroughout().
  std::optional<std::uint64_t> unseen{};
};

/// Returns the current number of entries in the kernel; std::nullopt if unknown.
using EntriesCount = std::function<std::optional<std::uint64_t>()>;

/// Runs `walk` and returns the entries that existed throughout: the lower of the counts before and
/// after, so that entries that are created or destroyed meanwhile do not count.
[[nodiscard]] std::optional<std::uint64_t> EntriesThroughout(const EntriesCount& count,
                                                             const std::function<void()>& walk);

/// Returns how many of `entries` a walk did not see, if it saw `flows` flows. Expired entries are
/// subtracted if `table` counts them; the kernel's own dump removes them.
[[nodiscard]] std::optional<std::uint64_t> UnseenEntries(
    std::optional<std::uint64_t> entries, std::uint64_t flows,
    const std::optional<kernel::HashTableStats>& table);

/// \brief  Walks the table on its own thread, at a limited cost, and shares the result between
///         scrapes. A walk starts on request, if the time since the start of the last one is at
///         least its duration times its threads divided by the CPU share. Callers get the last
///         snapshot, or wait for a running walk. A walk that takes longer than their deadline
///         continues for later callers.
/// Errors:  those of the last walk, until one succeeds; kTimeout if the first walk is still running
///          at the deadline; kIo if a walk has run for kHangsAfter.
/// Threads and cost: any number of callers. One thread, idle without requests.
class FlowSampler {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  /// Maximum wait for a walk, for a reading that other scrapes share.
  static constexpr std::chrono::seconds kReadingWaits{5};
  /// For comparison: a dump of 16 million flows takes about 40 s.
  static constexpr std::chrono::minutes kHangsAfter{2};

  /// `cpu_share` is the share of one CPU that walks may use, above 0 and at most 1. `tally` is what
  /// is counted besides FlowCounts. `count` is called before and after each walk, and must not
  /// hang.
  FlowSampler(
      std::unique_ptr<kernel::FlowSource> source, double cpu_share,
      const FlowTallyOptions& tally = {}, Clock clock = std::chrono::steady_clock::now,
      EntriesCount count = [] { return std::nullopt; });

  /// Returns the newest snapshot that is available by `deadline`, or when `stop` is requested.
  [[nodiscard]] Result<std::shared_ptr<const FlowSnapshot>> Latest(
      std::chrono::steady_clock::time_point deadline, const std::stop_token& stop = {});

  /// Returns the time since the current walk began; 0 if none is running.
  [[nodiscard]] std::chrono::steady_clock::duration UnderWay() const;

  [[nodiscard]] kernel::WalkErrors errors() const;
  [[nodiscard]] std::chrono::steady_clock::time_point now() const { return clock_(); }

 private:
  void Run(const std::stop_token& stop);
  void WalkOnce(const std::stop_token& stop);
  [[nodiscard]] Result<std::shared_ptr<FlowSnapshot>> Walk(const std::stop_token& stop);
  [[nodiscard]] bool MayStart() const;  // mutex_ held

  const std::unique_ptr<kernel::FlowSource> source_;
  const double cpu_share_;
  const Clock clock_;
  const EntriesCount count_;
  FlowTally tally_;  // used by thread_ only; snapshots copy its small parts

  mutable std::mutex mutex_;  // guards all members below
  std::condition_variable_any changed_;
  bool wanted_ = false;
  bool walking_ = false;
  std::chrono::steady_clock::time_point walk_began_;
  std::uint64_t walks_ = 0;  // completed, with or without success
  std::optional<std::chrono::steady_clock::time_point> next_start_;
  std::shared_ptr<const FlowSnapshot> snapshot_;
  std::optional<Error> error_;  // of the last walk
  kernel::WalkErrors errors_;

  std::jthread thread_;  // last: it starts after and ends before all other members
};

}  // namespace conntrack
