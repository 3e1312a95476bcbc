#include "collectors/catalogue.h"

#include <algorithm>
#include <array>

#include "collectors/flows_collector.h"
#include "collectors/kernel/boot/persistence_reader.h"
#include "collectors/kernel/ctnetlink_flow_source.h"
#include "collectors/kernel_log_collector.h"
#include "collectors/memory_collector.h"
#include "collectors/persistence_collector.h"
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

std::unique_ptr<Collector> MakePersistence(const CollectorInputs& inputs) {
  const auto& access = inputs.access;
  return std::make_unique<RecentCollector>(
      std::make_unique<PersistenceCollector>(access.root, access.proc, access.sys),
      std::chrono::steady_clock::now, PersistenceCollector::kMaxAge);
}

std::optional<Error> WhyBootFilesAreUnreadable(const KernelAccess& access) {
  return kernel::WhyNoBootFiles(access.root, access.proc);
}

std::unique_ptr<Collector> MakeKernelLog(const CollectorInputs& inputs) {
  return std::make_unique<KernelLogCollector>(inputs.access.kmsg);
}

std::optional<Error> WhyKernelLogIsUnreadable(const KernelAccess& access) {
  const auto port = access.kmsg();
  return port ? std::nullopt : std::optional(port.error());
}

std::shared_ptr<FlowSampler> MakeFlowSampler(const KernelAccess& access,
                                             const CollectorOptions& options) {
  auto source = std::make_unique<kernel::CtnetlinkFlowSource>(access.netlink, access.proc,
                                                              options.flows_max_hold);
  return std::make_shared<FlowSampler>(std::move(source), options.flows_cpu_share);
}

}  // namespace

std::span<const CatalogueEntry> Catalogue() {
  static const std::array<CatalogueEntry, 8> kCatalogue = {{
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
      {"persistence", true, "settings that a boot will change, with the file and line, and why",
       "read access to /etc, /usr/lib, /run of the host (--path.rootfs)", MakePersistence,
       WhyBootFilesAreUnreadable},
      {"kernel_log", true, "lines of a full table in the kernel's log, and when there was one last",
       "/dev/kmsg (CAP_SYSLOG where kernel.dmesg_restrict is 1)", MakeKernelLog,
       WhyKernelLogIsUnreadable},
  }};
  return kCatalogue;
}

std::vector<LeftOut> LeaveOutUnreadable(std::vector<std::string>& names,
                                        const std::vector<std::string>& asked_for,
                                        const KernelAccess& access) {
  std::vector<LeftOut> left_out;
  for (const auto& entry : Catalogue()) {
    const auto name = std::find(names.begin(), names.end(), entry.name);
    const bool asked = std::find(asked_for.begin(), asked_for.end(), entry.name) != asked_for.end();
    if (!entry.why_unreadable || name == names.end() || asked) continue;
    if (auto reason = entry.why_unreadable(access)) {
      left_out.push_back({std::move(*name), std::move(*reason)});
      names.erase(name);
    }
  }
  return left_out;
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
