#include "collectors/catalogue.h"

#include <algorithm>
#include <array>

#include "collectors/flows_collector.h"
#include "collectors/kernel/ctnetlink_flow_source.h"
#include "collectors/memory_collector.h"
#include "collectors/netns_collector.h"
#include "collectors/recent.h"
#include "collectors/settings_collector.h"
#include "collectors/stat_collector.h"
#include "collectors/table_collector.h"
#include "collectors/timeouts_collector.h"

namespace conntrack {
namespace {

std::unique_ptr<Collector> MakeFlows(const CollectorInputs& inputs) {
  return std::make_unique<FlowsCollector>(inputs.flow_sampler(), inputs.options.flows_max_zones);
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

/// It looks at every process of the host.
std::unique_ptr<Collector> MakeNetns(const CollectorInputs& inputs) {
  return std::make_unique<RecentCollector>(
      std::make_unique<NetnsCollector>(inputs.access, inputs.options.netns_max));
}

std::shared_ptr<FlowSampler> MakeFlowSampler(const KernelAccess& access,
                                             const CollectorOptions& options) {
  auto source = std::make_unique<kernel::CtnetlinkFlowSource>(access.netlink, access.proc,
                                                              options.flows_max_hold);
  return std::make_shared<FlowSampler>(std::move(source), options.flows_cpu_share);
}

}  // namespace

std::span<const CatalogueEntry> Catalogue() {
  static const std::array<CatalogueEntry, 7> kCatalogue = {{
      {"table", true, "entries, their peak and limit, hash buckets, expectations", "nothing",
       MakeFromKernel<TableCollector>},
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
      {"netns", false, "entries and losses of every network namespace of the host",
       "nothing (CAP_SYS_PTRACE for inodes, CAP_SYS_ADMIN for namespaces without a process and "
       "where the kernel has no /proc/net/stat/nf_conntrack)",
       MakeNetns},
  }};
  return kCatalogue;
}

std::vector<NamedCollector> MakeCollectors(const std::vector<std::string>& names,
                                           const KernelAccess& access,
                                           const CollectorOptions& options) {
  std::shared_ptr<FlowSampler> sampler;
  const std::function<std::shared_ptr<FlowSampler>()> flow_sampler = [&] {
    if (!sampler) sampler = MakeFlowSampler(access, options);
    return sampler;
  };
  std::vector<NamedCollector> collectors;
  for (const auto& entry : Catalogue()) {
    if (std::find(names.begin(), names.end(), entry.name) == names.end()) continue;
    collectors.push_back({std::string(entry.name), entry.make({access, options, flow_sampler})});
  }
  return collectors;
}

}  // namespace conntrack
