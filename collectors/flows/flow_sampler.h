// One walk of the table, shared by all callers.
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

/// What one completed walk found, and when.
struct FlowSnapshot : FlowSummary {
  std::chrono::steady_clock::time_point completed;
  std::chrono::steady_clock::duration duration{};  ///< Of the walk.
  std::string source;                              ///< "ctnetlink" or "bpf".
  std::optional<Error> fallback_reason{};          ///< See kernel::FlowSource.
  std::optional<kernel::HashTableStats> table{};   ///< From sources that see it.
  /// Entries that the kernel counted and the walk did not see; see EntriesThroughout().
  std::optional<std::uint64_t> unseen{};
};

/// How many entries the kernel counts now; nothing where that is unknown.
using EntriesCount = std::function<std::optional<std::uint64_t>()>;

/// Entries that are counted during all of `walk`: the lower of the counts before and after, so that
/// what comes or goes meanwhile is not in it.
[[nodiscard]] std::optional<std::uint64_t> EntriesThroughout(const EntriesCount& count,
                                                             const std::function<void()>& walk);

/// Those of `entries` that a walk which saw so many flows did not see. Expired ones are left out
/// where `table` counts them; the kernel's own dump removes them.
[[nodiscard]] std::optional<std::uint64_t> UnseenEntries(
    std::optional<std::uint64_t> entries, std::uint64_t flows,
    const std::optional<kernel::HashTableStats>& table);

/// \brief  Walks the table on a thread of its own, bounded in cost, and shares the result between
/// scrapes. A walk starts on request, once the time since the last one began is at least its
/// duration times its threads divided by the CPU share. Callers get the last snapshot, or wait for
/// a running walk; one that outlasts their deadline goes on for later callers.
/// Errors:  of the last walk, until one succeeds; kTimeout where the first walk is still running at
///          the deadline; kIo while a walk has run for kHangsAfter.
/// Threads and cost: any number of callers. One thread, idle without requests.
class FlowSampler {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  /// For a reading that other scrapes share: waits no longer than this for a walk.
  static constexpr std::chrono::seconds kReadingWaits{5};
  /// A table of 16 million flows is dumped in about 40 s.
  static constexpr std::chrono::minutes kHangsAfter{2};

  /// `cpu_share` is the part of one CPU that walks may use, above 0 and at most 1; `tally` what is
  /// counted beside FlowCounts; `count` is asked before and after each walk, and must not hang.
  FlowSampler(
      std::unique_ptr<kernel::FlowSource> source, double cpu_share,
      const FlowTallyOptions& tally = {}, Clock clock = std::chrono::steady_clock::now,
      EntriesCount count = [] { return std::nullopt; });

  /// The newest counts that can be had until `deadline`, or until `stop` asks to answer at once.
  [[nodiscard]] Result<std::shared_ptr<const FlowSnapshot>> Latest(
      std::chrono::steady_clock::time_point deadline, const std::stop_token& stop = {});

  /// For how long a walk has been under way; 0 where none is.
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
  FlowTally tally_;  // of thread_ alone; snapshots take from it what is small

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  bool wanted_ = false;
  bool walking_ = false;
  std::chrono::steady_clock::time_point walk_began_;
  std::uint64_t walks_ = 0;  // completed, well or not
  std::optional<std::chrono::steady_clock::time_point> next_start_;
  std::shared_ptr<const FlowSnapshot> snapshot_;
  std::optional<Error> error_;  // of the last walk
  kernel::WalkErrors errors_;

  std::jthread thread_;  // last: it starts when all else is there, and ends first
};

}  // namespace conntrack
