// Reads the data for `report`.
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

/// \brief  Reads the situation, once or repeatedly.
///
/// Table, sizing, memory and timeouts come from their collectors, so the figures are the same as in
/// /metrics. Flows come from a new walk, losses from two readings of the counters of the kernel and
/// of EC2, drift from the boot files, at most once a minute.
/// Errors:  what cannot be read is absent from the situation and listed in `missing`.
/// Threads and cost: one thread. A walk costs the kernel about 2 us per flow.
class Gatherer {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `top`: maximum length of each list. `progress`: the terminal to show the progress of a walk
  /// on, or null. `workloads`: whether to count workloads.
  Gatherer(KernelAccess access, const CollectorOptions& options, std::size_t top,
           std::ostream* progress, std::function<bool()> interrupted, bool workloads = false);

  /// Reads everything except the counters, which must be read some time apart.
  [[nodiscard]] Situation Read();

  /// Reads the counters and sets the losses since the network namespace was created and since the
  /// last call; the first call does not set the latter.
  void ReadLosses(Situation& situation);

 private:
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

/// \brief  Passes flows on, shows their number, and stops the walk when interrupted.
///
/// The line appears after one second, so that short walks do not flicker, and is erased at the end.
/// Threads and cost: one thread; reads the clock once per 4096 flows.
class Progress final : public kernel::FlowVisitor {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  /// `line`: where to show the progress; may be null. Requests a stop from `stop` once
  /// `interrupted` returns true.
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
