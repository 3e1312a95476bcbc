#include "exporter/commands/advise/gather.h"

#include <algorithm>
#include <array>
#include <utility>

#include "exporter/commands/advise/flow_survey.h"
#include "kernel/proc/conntrack_sysctl.h"
#include "kernel/proc/cpu_list.h"
#include "kernel/proc/slabinfo.h"

namespace conntrack::exporter::advise {
namespace {

void ReadKernel(const kernel::KernelFiles& proc, Machine& machine) {
  machine.kernel = ValueOrOmit(kernel::ReadKernelRelease(proc), "kernel release", machine.missing);
  if (auto release = proc.Read("sys/kernel/osrelease")) {
    machine.release = release->substr(0, release->find('\n'));
  }
}

void ReadSysctls(const kernel::KernelFiles& proc, Machine& machine) {
  const auto names = proc.List(kernel::kSysctlFolder);
  if (!names) return;  // the same as no module, which is said
  for (const auto& name : *names) {
    if (!name.starts_with("nf_conntrack_")) continue;
    const auto value = kernel::ReadSysctl(proc, name);
    if (value && *value >= 0) machine.sysctls[name] = static_cast<std::uint64_t>(*value);
  }
}

ModuleState ReadModule(const KernelAccess& access, const Machine& machine) {
  if (machine.sysctls.empty()) return ModuleState::kNotLoaded;
  const bool known = access.sys.List("module/nf_conntrack").has_value();
  const auto modules = access.proc.Read("modules");
  const bool listed = modules && ("\n" + *modules).find("\nnf_conntrack ") != std::string::npos;
  return known && !listed ? ModuleState::kBuiltIn : ModuleState::kLoaded;
}

/// Where kubelets keep their state: the usual place, k0s, MicroK8s.
std::string KubernetesSign(const kernel::KernelFiles& root) {
  for (const auto* folder : {"var/lib/kubelet", "var/lib/k0s/kubelet", "var/snap/microk8s"}) {
    const auto listed = root.List(folder);
    if (listed || listed.error().kind == ErrorKind::kDenied) return std::string("/") + folder;
  }
  return {};
}

Result<unsigned> ReadCpus(const kernel::KernelFiles& sys) {
  const auto topology = kernel::ReadCpuTopology(sys);
  if (!topology) return Fail(topology.error());
  return static_cast<unsigned>(topology->present.size());
}

}  // namespace

Machine Gather(const KernelAccess& access, const FlowSourceOptions& flows,
               std::size_t top_services) {
  Machine machine;
  ReadKernel(access.proc, machine);
  machine.mem_total = ValueOrOmit(kernel::ReadMemTotal(access.proc), "memory", machine.missing);
  machine.cpus = ValueOrOmit(ReadCpus(access.sys), "CPUs", machine.missing);
  ReadSysctls(access.proc, machine);
  machine.module = ReadModule(access, machine);
  machine.entry_memory =
      ValueOrOmit(ReadEntryMemory(access.proc, machine.Sysctl("nf_conntrack_count").value_or(0)),
                  "size of an entry", machine.missing);
  machine.kubernetes_sign = KubernetesSign(access.root);
  machine.forwarding = access.proc.ReadNumber("sys/net/ipv4/ip_forward").value_or(0) == 1;
  if (machine.module != ModuleState::kNotLoaded) {
    machine.flows = ValueOrOmit(SurveyFlows(access, flows, top_services), "who fills the table",
                                machine.missing);
  }
  return machine;
}

}  // namespace conntrack::exporter::advise
