#include "collectors/catalogue.h"

#include <algorithm>
#include <array>

#include "collectors/flows_collector.h"
#include "collectors/kernel/ctnetlink_flow_source.h"
#include "collectors/memory_collector.h"
#include "collectors/recent.h"
#include "collectors/settings_collector.h"
#include "collectors/sizing_collector.h"
#include "collectors/stat_collector.h"
#include "collectors/table_collector.h"
#include "collectors/talkers_collector.h"
#include "collectors/timeouts_collector.h"

namespace conntrack {
namespace {

constexpr std::string_view kTalkers = "talkers";
constexpr std::string_view kNat = "nat";

std::unique_ptr<Collector> MakeFlows(const CollectorInputs& inputs) {
  return std::make_unique<FlowsCollector>(inputs.flow_sampler(), inputs.options.flows_max_zones);
}

std::unique_ptr<Collector> MakeTable(const CollectorInputs& inputs) {
  return std::make_unique<TableCollector>(inputs.access, inputs.entries_peak());
}

std::unique_ptr<Collector> MakeSizing(const CollectorInputs& inputs) {
  return std::make_unique<RecentCollector>(std::make_unique<SizingCollector>(
      inputs.access.proc, inputs.entries_peak(), inputs.options.sizing_profile));
}

std::unique_ptr<Collector> MakeTalkers(const CollectorInputs& inputs) {
  return std::make_unique<TalkersCollector>(inputs.flow_sampler());
}

std::unique_ptr<Collector> MakeNat(const CollectorInputs& inputs) {
  return std::make_unique<NatCollector>(inputs.flow_sampler(), inputs.access.proc,
                                        inputs.options.nat.port_range);
}

/// What is read from files alone is what an operator sets, or slab figures, costly for the kernel.
template <class FromFiles>
std::unique_ptr<Collector> MakeFromFiles(const CollectorInputs& inputs) {
  return std::make_unique<RecentCollector>(std::make_unique<FromFiles>(inputs.access.proc));
}

template <class FromKernel>
std::unique_ptr<Collector> MakeFromKernel(const CollectorInputs& inputs) {
  return std::make_unique<FromKernel>(inputs.access);
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The sampler counts what the collectors with these names show, and nothing else.
std::shared_ptr<FlowSampler> MakeFlowSampler(const std::vector<std::string>& names,
                                             const KernelAccess& access,
                                             const CollectorOptions& options) {
  FlowTallyOptions tally;
  if (Contains(names, kTalkers)) tally.talkers = options.talkers;
  if (Contains(names, kNat)) tally.snat_top = options.nat.top;
  auto source = std::make_unique<kernel::CtnetlinkFlowSource>(access.netlink, access.proc,
                                                              options.flows_max_hold);
  return std::make_shared<FlowSampler>(std::move(source), options.flows_cpu_share, tally);
}

}  // namespace

std::span<const CatalogueEntry> Catalogue() {
  static const std::array<CatalogueEntry, 9> kCatalogue = {{
      {"table", true, "entries, their peak and limit, hash buckets, expectations", "nothing",
       MakeTable},
      {"stat", true, "counters of losses, clashes and lookups, per CPU",
       "nothing (CAP_NET_ADMIN where the kernel has no /proc/net/stat/nf_conntrack)",
       MakeFromKernel<StatCollector>},
      {"flows", true, "flows by protocol, state, status, zone and remaining lifetime",
       "CAP_NET_ADMIN", MakeFlows},
      {"timeouts", true, "timeouts by protocol and state", "nothing",
       MakeFromFiles<TimeoutsCollector>},
      {"settings", true, "switches of connection tracking", "nothing",
       MakeFromFiles<SettingsCollector>},
      {"memory", true, "memory of the table, now and at its limit",
       "nothing (root for measured sizes)", MakeFromFiles<MemoryCollector>},
      {"sizing", true, "recommended limits by memory, peak and profile; recommended hash buckets",
       "nothing", MakeSizing},
      {kTalkers, false, "sources, destinations and services with the most flows", "CAP_NET_ADMIN",
       MakeTalkers},
      {kNat, false, "ports that source NAT has in use, for the busiest remote endpoints",
       "CAP_NET_ADMIN", MakeNat},
  }};
  return kCatalogue;
}

std::vector<NamedCollector> MakeCollectors(const std::vector<std::string>& names,
                                           const KernelAccess& access,
                                           const CollectorOptions& options) {
  std::shared_ptr<FlowSampler> sampler;
  const std::function<std::shared_ptr<FlowSampler>()> flow_sampler = [&] {
    if (!sampler) sampler = MakeFlowSampler(names, access, options);
    return sampler;
  };
  std::shared_ptr<EntriesPeak> peak;
  const std::function<std::shared_ptr<EntriesPeak>()> entries_peak = [&] {
    if (!peak) peak = std::make_shared<EntriesPeak>(access.proc);
    return peak;
  };
  std::vector<NamedCollector> collectors;
  for (const auto& entry : Catalogue()) {
    if (!Contains(names, entry.name)) continue;
    collectors.push_back(
        {std::string(entry.name), entry.make({access, options, flow_sampler, entries_peak})});
  }
  return collectors;
}

}  // namespace conntrack
