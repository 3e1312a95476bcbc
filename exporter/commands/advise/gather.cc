#include "exporter/commands/advise/advise.h"

#include <linux/netfilter/nf_conntrack_common.h>

#include <algorithm>
#include <map>
#include <string>

#include "collectors/flows/flow_sampler.h"
#include "collectors/flows/flow_tally.h"
#include "diagnosis/situation.h"
#include "kernel/boot/boot_config.h"
#include "kernel/proc/conntrack_stat.h"
#include "kernel/proc/machine.h"
#include "kernel/proc/sysctl.h"

namespace conntrack::exporter::advise {
namespace {

void ReadKernel(const kernel::KernelFiles& proc, Machine& machine) {
  machine.kernel = ValueOrOmit(kernel::ReadKernelRelease(proc), "kernel release", machine.missing);
  const auto refuses = kernel::ReadRefusesLongChains(proc);
  if (refuses) machine.refuses_long_chains = *refuses;
  if (auto release = proc.Read("sys/kernel/osrelease")) {
    machine.release = release->substr(0, release->find('\n'));
  }
}

void ReadSysctls(const kernel::KernelFiles& proc, Machine& machine) {
  const auto names = proc.List(kernel::kSysctlFolder);
  if (!names) return;  // same as not loaded, which is reported
  for (const auto& name : *names) {
    if (!name.starts_with("nf_conntrack_")) continue;
    const auto value = kernel::ReadSysctl(proc, name);
    if (value && *value >= 0) machine.sysctls[name] = static_cast<std::uint64_t>(*value);
  }
}

void ReadModules(const KernelAccess& access, Machine& machine) {
  const auto boot = kernel::ReadBootConfig(access.root, access.proc, access.sys);
  machine.protocols_apart = boot.protocols_apart;
  if (machine.sysctls.empty()) return;
  const auto modules = access.proc.Read("modules");  // does not list built-in modules
  const bool listed = modules && ("\n" + *modules).find("\nnf_conntrack ") != std::string::npos;
  const bool built_in = boot.module == kernel::ModuleKind::kBuiltin && !listed;
  machine.module = built_in ? ModuleState::kBuiltIn : ModuleState::kLoaded;
}

Result<unsigned> ReadCpus(const kernel::KernelFiles& sys) {
  const auto topology = kernel::ReadCpuTopology(sys);
  if (!topology) return Fail(topology.error());
  return static_cast<unsigned>(topology->present.size());
}

// Enough to find the translated services to compare with.
constexpr std::size_t kTranslatedServices = 1000;

TalkersOptions TopOf(std::size_t services) {
  TalkersOptions options;
  options.top = services;
  return options;
}

/// Counts all flows, and again those with NAT.
class Survey final : public kernel::FlowVisitor {
 public:
  Survey(std::size_t top_services, const std::vector<NotrackTarget>& asked)
      : all_({.talkers = TopOf(top_services), .snat_top = std::nullopt}),
        translated_(TopOf(kTranslatedServices)) {
    for (const auto& target : asked) targets_.push_back({target});
    for (const auto& known : KnownTargets()) {
      if (std::ranges::find(asked, known.target) == asked.end()) targets_.push_back({known.target});
    }
  }

  void Begin() override {
    all_.Begin();
    translated_.Begin();
    source_translated_ = 0;
    for (auto& of : targets_) of.flows = of.translated = 0;
  }

  void Visit(const kernel::Flow& flow) override {
    all_.Visit(flow);
    const bool translated = (flow.status & (IPS_SRC_NAT | IPS_DST_NAT)) != 0;
    if (translated) translated_.Visit(flow);
    for (auto& of : targets_) {
      if (!Concerns(of.target, flow)) continue;
      ++of.flows;
      if (translated) ++of.translated;
    }
    if ((flow.status & IPS_SRC_NAT) != 0) ++source_translated_;
  }

  [[nodiscard]] FlowSurvey Result() const {
    return {all_.counts().flows(), source_translated_, States(), Services(), targets_};
  }

 private:
  [[nodiscard]] std::vector<StateFlows> States() const;
  [[nodiscard]] std::vector<TargetFlows> Services() const;

  FlowTally all_;
  Talkers translated_;
  std::vector<TargetFlows> targets_;
  std::uint64_t source_translated_ = 0;
};

std::vector<StateFlows> Survey::States() const {
  std::vector<StateFlows> fullest;
  for (const auto& figure : FiguresOf(all_.counts(), {}).states) {
    fullest.push_back({figure.protocol, figure.state, figure.flows});
  }
  return fullest;
}

std::vector<TargetFlows> Survey::Services() const {
  std::map<std::string, std::uint64_t> translated;
  const auto of_translated = translated_.Summary();
  for (const auto& [service, flows] : of_translated.services.top) {
    translated[service.protocol + "/" + service.port] = flows;
  }
  std::vector<TargetFlows> services;
  const auto of_all = all_.Summary();
  for (const auto& [service, flows] : of_all.talkers->services.top) {
    const auto name = service.protocol + "/" + service.port;
    const auto port = ParseNotrackTarget(name);  // not ICMP and others without ports
    if (port) services.push_back({*port, flows, translated[name]});
  }
  return services;
}

/// Walks the table once.
Result<FlowSurvey> SurveyFlows(const KernelAccess& access, const FlowSourceOptions& flows,
                               const SizingRequest& request) {
  const auto source = MakeFlowSource(access, flows);
  Survey survey(request.top, request.notrack);
  survey.Begin();
  Result<void> walked;
  const auto count = [&access]() -> std::optional<std::uint64_t> {
    const auto entries = kernel::ReadSysctl(access.proc, "nf_conntrack_count");
    return entries ? std::optional<std::uint64_t>(*entries) : std::nullopt;
  };
  const auto entries = EntriesThroughout(count, [&] { walked = source->Walk(survey, {}); });
  if (!walked) return Fail(walked.error());
  auto result = survey.Result();
  result.unseen = UnseenEntries(entries, result.flows, source->table()).value_or(0);
  return result;
}

}  // namespace

Machine Gather(const KernelAccess& access, const FlowSourceOptions& flows,
               const SizingRequest& request) {
  Machine machine;
  ReadKernel(access.proc, machine);
  machine.mem_total = ValueOrOmit(kernel::ReadMemTotal(access.proc), "memory", machine.missing);
  machine.cpus = ValueOrOmit(ReadCpus(access.sys), "CPUs", machine.missing);
  ReadSysctls(access.proc, machine);
  ReadModules(access, machine);
  machine.entry_memory =
      ValueOrOmit(ReadEntryMemory(access.proc, machine.Sysctl("nf_conntrack_count").value_or(0)),
                  "size of an entry", machine.missing);
  machine.place = access.place;
  machine.forwarding = access.proc.ReadNumber("sys/net/ipv4/ip_forward").value_or(0) == 1;
  if (machine.module != ModuleState::kNotLoaded) {
    machine.flows =
        ValueOrOmit(SurveyFlows(access, flows, request), "what fills the table", machine.missing);
  }
  return machine;
}

}  // namespace conntrack::exporter::advise
