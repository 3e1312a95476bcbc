#include "collectors/catalogue.h"

#include <algorithm>
#include <array>

#include "collectors/cached.h"
#include "collectors/events/events_collector.h"
#include "collectors/flows/flows_collector.h"
#include "collectors/flows/talkers_collector.h"
#include "collectors/log/kernel_log_collector.h"
#include "collectors/memory_collector.h"
#include "collectors/netns/netns_collector.h"
#include "collectors/persistence_collector.h"
#include "collectors/settings_collector.h"
#include "collectors/sizing_collector.h"
#include "collectors/stat_collector.h"
#include "collectors/table_collector.h"
#include "collectors/timeouts_collector.h"
#include "kernel/boot/persistence.h"

namespace conntrack {
namespace {

constexpr std::string_view kTalkers = "talkers";
constexpr std::string_view kNat = "nat";
constexpr std::string_view kNetns = "netns";

std::unique_ptr<Collector> MakeFlows(const CollectorInputs& inputs) {
  return std::make_unique<FlowsCollector>(inputs.flow_sampler(), inputs.options.flows_max_zones);
}

std::unique_ptr<Collector> MakeTalkers(const CollectorInputs& inputs) {
  return std::make_unique<TalkersCollector>(inputs.flow_sampler());
}

std::unique_ptr<Collector> MakeNat(const CollectorInputs& inputs) {
  return std::make_unique<NatCollector>(inputs.flow_sampler(), inputs.access.proc,
                                        inputs.options.nat.port_range);
}

std::unique_ptr<Collector> MakeEvents(const CollectorInputs& inputs) {
  return std::make_unique<EventsCollector>(inputs.access, inputs.options.events_buffer_bytes);
}

std::unique_ptr<Collector> MakeTable(const CollectorInputs& inputs) {
  return std::make_unique<TableCollector>(inputs.access, inputs.entries_peak());
}

std::unique_ptr<Collector> MakeSizing(const CollectorInputs& inputs) {
  return std::make_unique<CachedCollector>(std::make_unique<SizingCollector>(
      inputs.access.proc, inputs.entries_peak(), inputs.options.sizing_profile));
}

/// What is read from files alone is what an operator sets, or slab figures, costly for the kernel.
template <class FromFiles>
std::unique_ptr<Collector> MakeFromFiles(const CollectorInputs& inputs) {
  return std::make_unique<CachedCollector>(std::make_unique<FromFiles>(inputs.access.proc));
}

template <class FromKernel>
std::unique_ptr<Collector> MakeFromKernel(const CollectorInputs& inputs) {
  return std::make_unique<FromKernel>(inputs.access);
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::unique_ptr<Collector> MakePersistence(const CollectorInputs& inputs) {
  const auto& access = inputs.access;
  return std::make_unique<CachedCollector>(
      std::make_unique<PersistenceCollector>(access.root, access.proc, access.sys),
      std::chrono::steady_clock::now, PersistenceCollector::kMaxAge);
}

std::optional<Error> WhyBootFilesAreUnreadable(const KernelAccess& access) {
  return kernel::CheckBootFiles(access.root, access.proc);
}

std::unique_ptr<Collector> MakeKernelLog(const CollectorInputs& inputs) {
  return std::make_unique<KernelLogCollector>(inputs.access.kmsg);
}

std::optional<Error> WhyKernelLogIsUnreadable(const KernelAccess& access) {
  const auto port = access.kmsg();
  return port ? std::nullopt : std::optional(port.error());
}

/// Whether the kernel's log is for those with a capability only; yes where that is not known.
bool LogIsRestricted(const KernelAccess& access) {
  return access.proc.ReadNumber("sys/kernel/dmesg_restrict").value_or(1) != 0;
}

CapabilityUse NetAdmin(std::string_view purpose) { return {Capability::kNetAdmin, purpose}; }

CapabilityUse NetAdminOrNothing(std::string_view purpose) {
  return {Capability::kNetAdmin, purpose, true};
}

/// The sampler, where its source may see the flows of all namespaces.
std::shared_ptr<FlowSampler> SamplerOfNamespaces(const CollectorInputs& inputs) {
  const bool netlink = inputs.options.flows_source.choice == FlowSourceChoice::kNetlink;
  return netlink || !inputs.access.flow_walk ? nullptr : inputs.flow_sampler();
}

/// It looks at every process of the host.
std::unique_ptr<Collector> MakeNetns(const CollectorInputs& inputs) {
  return std::make_unique<CachedCollector>(std::make_unique<NetnsCollector>(
      inputs.access, inputs.options.netns_max, SamplerOfNamespaces(inputs)));
}

/// The sampler counts what the collectors with these names show, and nothing else.
std::shared_ptr<FlowSampler> MakeFlowSampler(const std::vector<std::string>& names,
                                             const KernelAccess& access,
                                             const CollectorOptions& options) {
  FlowTallyOptions tally;
  if (Contains(names, kTalkers)) tally.talkers = options.talkers;
  if (Contains(names, kNat)) tally.snat_top = options.nat.top;
  auto source = MakeFlowSource(access, options.flows_source, Contains(names, kNetns));
  return std::make_shared<FlowSampler>(std::move(source), options.flows_cpu_share, tally);
}

}  // namespace

std::span<const CatalogueEntry> Catalogue() {
  static const std::array<CatalogueEntry, 13> kCatalogue = {{
      {"table",
       true,
       "entries, their peak and limit, hash buckets, expectations",
       "nothing",
       MakeTable,
       {},
       {NetAdmin("expectations and counts over ctnetlink, where /proc lacks them")}},
      {"stat",
       true,
       "counters of losses, clashes and lookups, per CPU",
       "nothing (CAP_NET_ADMIN where the kernel has no /proc/net/stat/nf_conntrack)",
       MakeFromKernel<StatCollector>,
       {},
       {NetAdmin("counters over ctnetlink, which has more of them than /proc")}},
      {"flows",
       true,
       "flows by protocol, state, status, zone and remaining lifetime",
       "CAP_NET_ADMIN (to read by BPF also CAP_BPF and CAP_PERFMON, at the start)",
       MakeFlows,
       {},
       {NetAdminOrNothing("dumps of the table")}},
      {"timeouts", true, "timeouts by protocol and state", "nothing",
       MakeFromFiles<TimeoutsCollector>},
      {"settings", true, "switches of connection tracking", "nothing",
       MakeFromFiles<SettingsCollector>},
      {"memory", true, "memory of the table, now and at its limit",
       "nothing (root for measured sizes)", MakeFromFiles<MemoryCollector>},
      {"sizing", true, "recommended limits by memory, peak and profile; recommended hash buckets",
       "nothing", MakeSizing},
      {"persistence", true, "settings that a boot will change, with the file and line, and why",
       "read access to /etc, /usr/lib, /run of the host (--path.rootfs)", MakePersistence,
       WhyBootFilesAreUnreadable},
      {"kernel_log",
       true,
       "lines of a full table in the kernel's log, and when there was one last",
       "/dev/kmsg (CAP_SYSLOG where kernel.dmesg_restrict is 1)",
       MakeKernelLog,
       WhyKernelLogIsUnreadable,
       {{Capability::kSyslog, "the kernel's log", true, LogIsRestricted}}},
      {kTalkers,
       false,
       "sources, destinations and services with the most flows",
       "CAP_NET_ADMIN",
       MakeTalkers,
       {},
       {NetAdminOrNothing("dumps of the table")}},
      {kNat,
       false,
       "ports that source NAT has in use, for the busiest remote endpoints",
       "CAP_NET_ADMIN",
       MakeNat,
       {},
       {NetAdminOrNothing("dumps of the table")}},
      {"events",
       false,
       "new, changed and destroyed flows, and how long they lived",
       "CAP_NET_ADMIN",
       MakeEvents,
       {},
       {NetAdminOrNothing("events of the table")}},
      {kNetns,
       false,
       "entries and losses of every network namespace of the host",
       "nothing (CAP_SYS_PTRACE for inodes, CAP_SYS_ADMIN for namespaces without a process and "
       "where the kernel has no /proc/net/stat/nf_conntrack)",
       MakeNetns,
       {},
       {{Capability::kSysAdmin, "namespaces without a process, which have to be entered"},
        {Capability::kSysPtrace, "inodes of namespaces of other users' processes"},
        NetAdmin("counts over ctnetlink, where the kernel has no /proc/net/stat/nf_conntrack")}},
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
