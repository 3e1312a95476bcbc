#include "collectors/catalogue.h"

#include <algorithm>
#include <array>

#include "collectors/ena_collector.h"
#include "collectors/events/events_collector.h"
#include "collectors/expectations_by_helper.h"
#include "collectors/flows/flow_source_choice.h"
#include "collectors/flows/flows_collector.h"
#include "collectors/flows/nat_collector.h"
#include "collectors/flows/talkers_collector.h"
#include "collectors/flows/workloads_collector.h"
#include "collectors/log/kernel_log_collector.h"
#include "collectors/memory_collector.h"
#include "collectors/netns/netns_collector.h"
#include "collectors/persistence_collector.h"
#include "collectors/settings_collector.h"
#include "collectors/sizing_collector.h"
#include "collectors/stat_collector.h"
#include "collectors/table_collector.h"
#include "collectors/timeouts_collector.h"
#include "kernel/netlink/ctnetlink_stat.h"

namespace conntrack {
namespace {

/// The sampler counts only what these collectors show.
std::shared_ptr<FlowSampler> MakeFlowSampler(const std::vector<const CatalogueEntry*>& entries,
                                             const KernelAccess& access,
                                             const CollectorOptions& options) {
  FlowSamplerUse use;
  for (const auto* entry : entries) {
    if (entry->use_flow_sampler) entry->use_flow_sampler(options, use);
  }
  if (use.tally.workloads) {
    use.tally.workloads->read = [access](const std::stop_token& stop) {
      return ReadWorkloadMap(access, stop);
    };
  }
  auto source = MakeFlowSource(access, options.Get<FlowSourceOptions>(), use.namespaces);
  // Not from the file: it may be a FUSE file that hangs (lxcfs).
  const auto count = [netlink = access.netlink]() -> std::optional<std::uint64_t> {
    const auto table = kernel::ReadTableStat(netlink);
    return table ? table->entries : std::nullopt;
  };
  return std::make_shared<FlowSampler>(std::move(source), options.Get<FlowsOptions>().cpu_share,
                                       use.tally, std::chrono::steady_clock::now, count);
}

/// Calls the collector only if its source is loaded.
class WherePresent final : public Collector {
 public:
  WherePresent(std::unique_ptr<Collector> collector, Reads reads,
               std::shared_ptr<const kernel::Presence> presence)
      : collector_(std::move(collector)), reads_(reads), presence_(std::move(presence)) {}

  Result<Collection> Collect(const ScrapeContext& context) override {
    if (auto there = IsThere(); !there) return Fail(std::move(there.error()));
    auto collected = collector_->Collect(context);
    if (collected) return collected;
    // The module may have been unloaded meanwhile.
    if (auto there = IsThere(); !there) return Fail(std::move(there.error()));
    return collected;
  }

  std::optional<std::chrono::steady_clock::duration> WaitsFor() const override {
    return collector_->WaitsFor();
  }

 private:
  [[nodiscard]] Result<void> IsThere() const {
    return reads_ == Reads::kTable ? presence_->Table() : presence_->Ctnetlink();
  }

  const std::unique_ptr<Collector> collector_;
  const Reads reads_;
  const std::shared_ptr<const kernel::Presence> presence_;
};

std::unique_ptr<Collector> Make(const CatalogueEntry& entry, const CollectorInputs& inputs) {
  auto collector = entry.make(inputs);
  if (entry.reads == Reads::kAnything) return collector;
  return std::make_unique<WherePresent>(std::move(collector), entry.reads, inputs.access.presence);
}

}  // namespace

std::span<const CatalogueEntry> Catalogue() {
  // clang-format off
  static const std::array kCatalogue = {
      TableEntry(),
      StatEntry(),
      FlowsEntry(),
      TimeoutsEntry(),
      SettingsEntry(),
      MemoryEntry(),
      SizingEntry(),
      PersistenceEntry(),
      KernelLogEntry(),
      EnaEntry(),
      TalkersEntry(),
      NatEntry(),
      WorkloadsEntry(),
      EventsEntry(),
      NetnsEntry(),
      ExpectationsByHelperEntry(),
  };
  // clang-format on
  return kCatalogue;
}

std::vector<LeftOut> LeaveOutUnreadable(std::vector<std::string>& names,
                                        const std::vector<std::string>& asked_for,
                                        const KernelAccess& access) {
  std::vector<LeftOut> left_out;
  for (const auto* entry : EntriesOf(names)) {
    const bool asked = std::ranges::find(asked_for, entry->name) != asked_for.end();
    if (!entry->why_unreadable || asked) continue;
    if (auto reason = entry->why_unreadable(access)) {
      const bool expected = entry->usually_absent && reason->kind == ErrorKind::kAbsent;
      left_out.push_back({std::string(entry->name), std::move(*reason), expected});
      std::erase(names, entry->name);
    }
  }
  return left_out;
}

std::vector<const CatalogueEntry*> EntriesOf(const std::vector<std::string>& names) {
  std::vector<const CatalogueEntry*> entries;
  for (const auto& entry : Catalogue()) {
    if (std::ranges::find(names, entry.name) != names.end()) entries.push_back(&entry);
  }
  return entries;
}

std::vector<NamedCollector> MakeCollectors(const std::vector<std::string>& names,
                                           const KernelAccess& access,
                                           const CollectorOptions& options,
                                           const EntriesPeak::Watch& watch) {
  const auto entries = EntriesOf(names);
  std::shared_ptr<FlowSampler> sampler;
  const std::function<std::shared_ptr<FlowSampler>()> flow_sampler = [&] {
    if (!sampler) sampler = MakeFlowSampler(entries, access, options);
    return sampler;
  };
  std::shared_ptr<EntriesPeak> peak;
  const std::function<std::shared_ptr<EntriesPeak>()> entries_peak = [&] {
    if (!peak) peak = std::make_shared<EntriesPeak>(access.proc, watch);
    return peak;
  };
  std::vector<NamedCollector> collectors;
  collectors.reserve(entries.size());
  for (const auto* entry : entries) {
    collectors.push_back({std::string(entry->name),
                          Make(*entry, {access, options, flow_sampler, entries_peak}),
                          entry->max_age});
  }
  return collectors;
}

}  // namespace conntrack
