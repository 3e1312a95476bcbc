#include "collectors/flows/workloads_collector.h"

#include <utility>

#include "collectors/catalogue_entry.h"
#include "kernel/proc/machine.h"

namespace conntrack {
namespace {

Family FamilyOf(const WorkloadsSummary& summary) {
  auto family =
      Gauges("conntrack_workload_flows",
             "Flows that a pod, container, systemd unit or network namespace of this host opened "
             "or received. Flows of the host itself without a known owner count for host. A flow "
             "between two workloads counts for both, a forwarded flow for none. The workloads with "
             "the most flows have series; the rest is other.");
  const auto add = [&family](const WorkloadFlows& flows) {
    const auto& of = flows.workload;
    const auto add_direction = [&](const char* direction, std::uint64_t count) {
      family.Add({{"kind", of.kind},
                  {"workload", of.name},
                  {"pod_uid", of.pod_uid},
                  {"container_id", of.container},
                  {"direction", direction}},
                 count);
    };
    add_direction("opened", flows.opened);
    add_direction("received", flows.received);
  };
  for (const auto& flows : summary.top) add(flows);
  add(summary.other);
  return family;
}

/// Returns whether only the open files of processes show which one serves a port.
bool SocketsHaveNoCgroup(const KernelAccess& access) {
  const auto release = kernel::ReadKernelRelease(access.proc);
  const bool is_old = release && *release < kernel::KernelRelease{5, 9};
  return is_old || (!access.sys.Inode("fs/cgroup/cgroup.controllers") &&
                    !access.sys.Inode("fs/cgroup/unified/cgroup.controllers"));
}

}  // namespace

Result<Collection> WorkloadsCollector::Collect(const ScrapeContext& context) {
  const auto latest = sampler_->Latest(context.deadline, context.stop);
  if (!latest) return Fail(latest.error());
  const auto& workloads = (*latest)->workloads.value();
  if (!workloads) return Fail(workloads.error());
  const std::shared_ptr<const WorkloadsSummary> summary(*latest, &*workloads);
  return Collection{{FamilyOf(*summary)}, summary->omissions, (*latest)->source, {}, summary};
}

CatalogueEntry WorkloadsEntry() {
  return {
      .name = kWorkloadsCollector,
      .summary = "flows by pod, container, systemd unit and network namespace",
      .needs =
          "CAP_NET_ADMIN, the host's processes (hostPID), and CAP_SYS_PTRACE where the kernel "
          "has no /proc/net/stat/nf_conntrack, and for names of ip netns; before Linux 5.9 or "
          "with cgroup v1 also CAP_DAC_READ_SEARCH",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<WorkloadsCollector>(inputs.flow_sampler());
          },
      .flags = {{"max", "N",
                 "Maximum number of workloads with a series of their own; the rest is other",
                 NumberFor(&WorkloadsOptions::max, 1, kMostNamed)}},
      .capabilities = {{Capability::kNetAdmin, "dumps of the table", true},
                       {Capability::kSysPtrace,
                        "names given by ip netns, and network namespaces of other users' processes "
                        "where the kernel has no /proc/net/stat/nf_conntrack"},
                       {Capability::kDacReadSearch,
                        "units and containers that serve ports of the host, before Linux 5.9 or "
                        "with cgroup v1",
                        false, SocketsHaveNoCgroup}},
      .use_flow_sampler =
          [](const CollectorOptions& options, FlowSamplerUse& use) {
            use.tally.workloads = options.Get<WorkloadsOptions>();
          },
      .looks_into_processes = true,
      .asks_sock_diag = true,
  };
}

}  // namespace conntrack
