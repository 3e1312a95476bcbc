#include "exporter/commands/report/gather.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "collectors/flows/flow_sampler.h"
#include "collectors/flows/flow_source_choice.h"
#include "collectors/flows/nat_collector.h"
#include "collectors/persistence_collector.h"
#include "collectors/stat_collector.h"
#include "collectors/table_collector.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/idle_flows.h"
#include "kernel/proc/machine.h"
#include "kernel/proc/slabinfo.h"

namespace conntrack::exporter::report {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr const char* kKernelLog = "kernel_log";
constexpr const char* kEna = "ena";

// More than are shown, so that the diagnosis sees the DNS port if others are more frequent.
constexpr std::size_t kLeastTop = 20;

/// All counts from one walk.
class ReportTally final : public kernel::FlowVisitor {
 public:
  ReportTally(const FlowTallyOptions& options, std::uint64_t established_timeout)
      : tally_(options), idle_(established_timeout, threshold::kIdleSeconds) {}

  void Begin() override {
    tally_.Begin();
    idle_.Begin();
  }
  void Visit(const kernel::Flow& flow) override {
    tally_.Visit(flow);
    idle_.Visit(flow);
  }

  [[nodiscard]] FlowSummary Summary() const { return tally_.Summary(); }
  [[nodiscard]] std::uint64_t idle() const { return idle_.flows(); }

 private:
  FlowTally tally_;
  IdleFlows idle_;
};

std::optional<kernel::KernelRelease> ReleaseOf(const kernel::KernelFiles& proc) {
  const auto release = kernel::ReadKernelRelease(proc);
  return release ? std::optional(*release) : std::nullopt;
}

/// Parts of the collectors' output that a report does not show.
bool NotShown(const Omission& omission) { return omission.part.starts_with(kExpectationsPart); }

}  // namespace

Gatherer::Gatherer(KernelAccess access, const CollectorOptions& options, std::size_t top,
                   std::ostream* progress, std::function<bool()> interrupted, bool workloads)
    : access_(std::move(access)),
      port_range_(options.Get<NatOptions>().port_range),
      progress_(progress),
      interrupted_(std::move(interrupted)),
      scheduler_(MakeCollectors({"table", "sizing", "memory", "timeouts", kKernelLog, kEna},
                                access_, options),
                 ReadingScheduler::Log::kNothing),
      source_(MakeFlowSource(access_, options.Get<FlowSourceOptions>())),
      persistence_(std::chrono::steady_clock::now, PersistenceCollector::kMaxAge) {
  tally_options_.talkers = options.Get<TalkersOptions>();
  tally_options_.talkers->top = std::max(top, kLeastTop);
  tally_options_.snat_top = tally_options_.talkers->top;
  if (workloads) {
    tally_options_.workloads = {top, [access = access_](const std::stop_token& stop) {
                                  return ReadWorkloadMap(access, stop);
                                }};
  }
}

Situation Gatherer::Read() {
  const bool tracks = kernel::IsLoaded(access_.presence->Table()).value_or(true);
  auto situation = tracks ? Collect() : Situation{};
  situation.place = access_.place;
  AddPresence(*access_.presence, situation);
  if (situation.no_table) return situation;
  ReadHostEntries(situation);
  ReadFlows(situation);
  ReadDrift(situation);
  return situation;
}

Situation Gatherer::Collect() {
  std::vector<Reading> readings;
  std::vector<Omission> missing;
  const auto runs =
      scheduler_.Read(scheduler_.names(), std::chrono::steady_clock::now() + kPatience);
  for (const auto& [name, took, outcome, age] : runs) {
    if (!outcome) {
      // Optional: the log only adds a time to the counters. Drops by EC2 are read below.
      if (name != kKernelLog && name != kEna) missing.push_back({name, outcome.error()});
      continue;
    }
    readings.push_back(outcome->reading);
    std::ranges::remove_copy_if(outcome->omissions, std::back_inserter(missing), NotShown);
  }
  auto situation = SituationOf(readings, ReleaseOf(access_.proc));
  situation.missing = std::move(missing);
  return situation;
}

void Gatherer::ReadDrift(Situation& situation) {
  const auto report = persistence_.Get(
      [this] { return kernel::ReadPersistence(access_.root, access_.proc, access_.sys); });
  if (report) {
    situation.drift = FiguresOf(*report);
    std::ranges::move(UnknownDriftOf(*report), std::back_inserter(situation.missing));
  } else {
    situation.missing.push_back({"settings after a boot", report.error()});
  }
}

// Since 4.7 all namespaces of a host share one hash table, so other namespaces lengthen the chains
// of this one. The value is optional: without access to slabinfo it is left out.
void Gatherer::ReadHostEntries(Situation& situation) const {
  const auto release = ReleaseOf(access_.proc);
  if (!release || *release < kernel::kOneHashTable) return;
  const auto text = access_.proc.Read("slabinfo");
  if (!text) return;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const auto slab = kernel::ParseSlabinfo(*text, page);
  if (slab) situation.host_entries = slab->active_objects;
}

void Gatherer::ReadFlows(Situation& situation) {
  const auto established = TimeoutFor(situation.timeouts, "tcp", "ESTABLISHED");
  ReportTally tally(tally_options_, established.value_or(0));
  const std::stop_source stop;
  Result<void> outcome;
  const auto count = [&]() -> std::optional<std::uint64_t> {
    // Only if the table collector just read it, so as not to wait for a file that hangs.
    if (!situation.entries) return std::nullopt;
    const auto now = kernel::ReadSysctl(access_.proc, "nf_conntrack_count");
    return now ? std::optional(static_cast<std::uint64_t>(*now)) : std::nullopt;
  };
  const auto entries = EntriesThroughout(count, [&] {
    Progress progress(tally, situation.entries.value_or(0), progress_, interrupted_, stop);
    outcome = source_->Walk(progress, stop.get_token());
  });
  if (!outcome) {
    situation.missing.push_back({"flows, talkers, SNAT ports", std::move(outcome.error())});
    return;
  }
  const auto summary = tally.Summary();
  situation.flows = FiguresOf(summary.counts, situation.timeouts);
  situation.flows->unseen = UnseenEntries(entries, summary.counts.flows(), source_->table());
  if (established) {
    situation.flows->idle = {tally.idle(), threshold::kIdleSeconds, *established};
  }
  situation.talkers = FiguresOf(*summary.talkers);
  if (summary.workloads && *summary.workloads) {
    situation.workloads = **summary.workloads;
    std::ranges::copy((*summary.workloads)->omissions, std::back_inserter(situation.missing));
  } else if (summary.workloads) {
    situation.missing.push_back({"workloads", summary.workloads->error()});
  }
  const auto ports = CountPorts(port_range_, access_.proc);
  if (ports) {
    situation.snat = FiguresOf(*summary.snat, *ports);
  } else {
    situation.missing.push_back({"SNAT ports", ports.error()});
  }
}

void Gatherer::ReadCloudLosses(Situation& situation) {
  const auto runs = scheduler_.Read({kEna}, std::chrono::steady_clock::now() + kPatience);
  for (const auto& [name, took, outcome, age] : runs) {
    if (outcome) {
      situation.ena = *outcome->reading.As<EnaReading>();
    } else if (outcome.error().kind != ErrorKind::kAbsent) {
      situation.missing.push_back({"losses in EC2", outcome.error()});
    }
  }
}

void Gatherer::ReadLosses(Situation& situation) {
  if (situation.no_table) return;
  ReadCloudLosses(situation);
  auto stat = ReadStat(access_, kernel::ReadCpuTopology(access_.sys));
  const auto now = std::chrono::steady_clock::now();
  if (!stat) {
    situation.missing.push_back({"losses", std::move(stat.error())});
    last_stat_.reset();
    return;
  }
  const auto release = ReleaseOf(access_.proc);
  situation.loss_since_boot = LossFigures{SplitLoss(TotalsOf(stat->stat), release), {}};
  if (last_stat_) {
    situation.loss_recently =
        LossFigures{SplitLoss(TotalsBetween(*last_stat_, stat->stat), release),
                    std::chrono::duration<double>(now - last_stat_at_).count()};
  }
  last_stat_ = std::move(stat->stat);
  last_stat_at_ = now;
}

}  // namespace conntrack::exporter::report
