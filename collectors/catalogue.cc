#include "collectors/catalogue.h"

#include <array>

#include "collectors/flows_collector.h"
#include "collectors/kernel/ctnetlink_flow_source.h"
#include "collectors/memory_collector.h"
#include "collectors/recent.h"
#include "collectors/settings_collector.h"
#include "collectors/stat_collector.h"
#include "collectors/table_collector.h"
#include "collectors/timeouts_collector.h"

namespace conntrack {
namespace {

std::unique_ptr<Collector> MakeFlows(const KernelAccess& access, const CollectorOptions& options) {
  auto source = std::make_unique<kernel::CtnetlinkFlowSource>(access.netlink, access.proc,
                                                              options.flows_max_hold);
  auto sampler = std::make_shared<FlowSampler>(std::move(source), options.flows_cpu_share);
  return std::make_unique<FlowsCollector>(std::move(sampler), options.flows_max_zones);
}

/// What is read from files alone is what an operator sets, or slab figures, costly for the kernel.
template <class FromFiles>
std::unique_ptr<Collector> MakeFromFiles(const KernelAccess& access,
                                         const CollectorOptions& /*options*/) {
  return std::make_unique<RecentCollector>(std::make_unique<FromFiles>(access.proc));
}

template <class FromKernel>
std::unique_ptr<Collector> MakeFromKernel(const KernelAccess& access,
                                          const CollectorOptions& /*options*/) {
  return std::make_unique<FromKernel>(access);
}

}  // namespace

std::span<const CatalogueEntry> Catalogue() {
  static const std::array<CatalogueEntry, 6> kCatalogue = {{
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
  }};
  return kCatalogue;
}

}  // namespace conntrack
