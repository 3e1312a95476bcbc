// Reading all that `report` shows.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <stop_token>
#include <vector>

#include "collectors/cached.h"
#include "collectors/catalogue.h"
#include "collectors/flows/flow_tally.h"
#include "collectors/kernel_access.h"
#include "diagnosis/situation.h"
#include "exporter/metrics/reading_scheduler.h"
#include "kernel/boot/persistence.h"
#include "kernel/flow_source.h"
#include "kernel/proc/sysctl.h"

namespace conntrack::exporter::report {

/// \brief  Reads the situation, again and again.
///
/// Table, sizing, memory and timeouts come from their collectors, so that the figures are those of
/// /metrics; flows from a new walk; losses from two readings of the kernel's counters and of EC2's;
/// drift from the boot files, at most once a minute.
/// Errors:  what cannot be read is absent from the situation and named in `missing`.
/// Threads and cost: one thread. A walk costs the kernel some 2 us a flow.
class Gatherer {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `top` is how many of each list are to be had; `progress` is where a terminal shows how far a
  /// walk has come; null where there is none. Workloads are counted where `workloads` says so.
  Gatherer(KernelAccess access, const CollectorOptions& options, std::size_t top,
           std::ostream* progress, std::function<bool()> interrupted, bool workloads = false);

  /// Reads all but the counters, which have to be read some time apart.
  [[nodiscard]] Situation Read();

  /// Reads the counters: what was lost since the network namespace was made, and since the last
  /// call; nothing for the latter in the first one.
  void ReadLosses(Situation& situation);

 private:
  /// What the collectors tell.
  [[nodiscard]] Situation Collect();
  void ReadDrift(Situation& situation);
  void ReadHostEntries(Situation& situation) const;
  void ReadFlows(Situation& situation);
  void ReadCloudLosses(Situation& situation);

  const KernelAccess access_;
  const std::optional<kernel::PortRange> port_range_;
  FlowTallyOptions tally_options_;
  std::ostream* const progress_;
  const std::function<bool()> interrupted_;
  ReadingScheduler scheduler_;
  std::unique_ptr<kernel::FlowSource> source_;
  Cached<Result<kernel::PersistenceReport>> persistence_;
  std::optional<kernel::ConntrackStat> last_stat_;
  Time last_stat_at_;
};

/// \brief  Passes flows on, shows how many there were, and stops the walk when interrupted.
///
/// The line appears after a second, so that short walks do not flicker, and is wiped at the end.
/// Threads and cost: one thread; looks at the clock once in 4096 flows.
class Progress final : public kernel::FlowVisitor {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  /// `line` is where to show the progress; may be null. Requests a stop from `stop` once
  /// `interrupted` is true.
  Progress(kernel::FlowVisitor& next, std::uint64_t expected, std::ostream* line,
           std::function<bool()> interrupted, std::stop_source stop,
           Clock clock = std::chrono::steady_clock::now);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() override;

  void Begin() override;
  void Visit(const kernel::Flow& flow) override;

 private:
  void Look();

  kernel::FlowVisitor& next_;
  const std::uint64_t expected_;
  std::ostream* const line_;
  const std::function<bool()> interrupted_;
  std::stop_source stop_;
  const Clock clock_;
  std::uint64_t flows_ = 0;
  std::chrono::steady_clock::time_point next_line_;
  bool shown_ = false;
};

}  // namespace conntrack::exporter::report
