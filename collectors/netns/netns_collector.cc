#include "collectors/netns/netns_collector.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "collectors/catalogue_entry.h"
#include "collectors/flows/flow_source_choice.h"

namespace conntrack {
namespace {

struct LossFamily {
  std::string_view name;
  std::string_view help;
};

// In the order of kLossCounters.
constexpr std::array<LossFamily, kLossCounters.size()> kLossFamilies = {{
    {"conntrack_netns_drop_total",
     "Packets dropped in a network namespace because the table was full, memory was short, or "
     "(since Linux 4.9) a clash could not be resolved; summed over CPUs."},
    {"conntrack_netns_early_drop_total",
     "Entries of a network namespace that were not ASSURED and were evicted because the table was "
     "full; summed over CPUs."},
    {"conntrack_netns_insert_failed_total",
     "Entries that could not be inserted in a network namespace; since Linux 5.10 each is a packet "
     "lost; summed over CPUs."},
    {"conntrack_netns_invalid_total",
     "Packets that could not be tracked in a network namespace; they pass unless a rule drops "
     "state INVALID; summed over CPUs."},
    {"conntrack_netns_chain_toolong_total",
     "Packets dropped in a network namespace because the chain of their hash bucket was too long "
     "(Linux 5.15 and later); summed over CPUs."},
    {"conntrack_netns_clash_resolve_total",
     "Insertions in a network namespace that clashed with an existing entry and were resolved "
     "without loss (Linux 5.10 and later); summed over CPUs."},
}};

using FlowsByName = std::vector<std::pair<std::string, kernel::NamespaceFlows>>;

void AddTo(kernel::NamespaceFlows& sum, const kernel::NamespaceFlows& added) {
  sum.flows += added.flows;
  for (const auto& [protocol, states] : added.by_state) {
    auto& sums = sum.by_state[protocol];
    for (std::size_t i = 0; i < states.size(); ++i) sums[i] += states[i];
  }
}

/// Flows of namespaces that are gone or have no series of their own are counted as other.
FlowsByName NameFlows(const kernel::HashTableStats& table,
                      const std::vector<NetnsReading>& readings, std::size_t max_namespaces) {
  std::unordered_map<std::uint64_t, kernel::NamespaceFlows> by_inode;
  for (const auto& one : table.namespaces) by_inode[one.inode] = one;
  FlowsByName named;
  for (std::size_t i = 0; i < std::min(readings.size(), max_namespaces); ++i) {
    if (!readings[i].inode) continue;
    named.emplace_back(readings[i].name, std::exchange(by_inode[*readings[i].inode], {}));
  }
  kernel::NamespaceFlows other;
  for (const auto& [inode, left] : by_inode) AddTo(other, left);
  named.emplace_back(kOtherNamespaces, std::move(other));
  return named;
}

Family NetnsFlows(const FlowsByName& named) {
  auto family = Gauges("conntrack_netns_flows",
                       "Flows of a network namespace in the last walk of the host's table, without "
                       "those that are expired or being removed. Only if flows are read by BPF.");
  for (const auto& [name, of_namespace] : named) {
    family.Add({{"netns", name}}, of_namespace.flows);
  }
  return family;
}

Family NetnsFlowsByState(const FlowsByName& named) {
  auto family = Gauges("conntrack_netns_flows_by_state",
                       "Flows of a network namespace by protocol and state, with the label values "
                       "of conntrack_flows. The sum is conntrack_netns_flows. A protocol without "
                       "flows in the namespace has no series.");
  for (const auto& [name, of_namespace] : named) {
    for (const auto& [protocol, counts] : of_namespace.by_state) {
      const auto label = kernel::IsTracked(protocol) ? kernel::ProtocolName(protocol) : kOther;
      const auto states = kernel::StateNames(protocol);
      for (std::size_t i = 0; i < states.size(); ++i) {
        family.Add({{"netns", name}, {"protocol", label}, {"flow_state", std::string(states[i])}},
                   counts[i]);
      }
    }
  }
  return family;
}

/// Returns the sampler if its source may see the flows of all namespaces.
Result<std::shared_ptr<FlowSampler>> SamplerOfNamespaces(const CollectorInputs& inputs) {
  if (inputs.options.Get<FlowSourceOptions>().choice == FlowSourceChoice::kNetlink) {
    return Fail(ErrorKind::kAbsent, "a dump has the flows of one namespace only",
                "use --collector.flows.source=auto");
  }
  if (!inputs.access.flow_walk) return Fail(inputs.access.flow_walk.error());
  return inputs.flow_sampler();
}

}  // namespace

NetnsCollector::NetnsCollector(KernelAccess access, const NetnsOptions& options,
                               Result<std::shared_ptr<FlowSampler>> sampler,
                               kernel::NamespaceEntry entry)
    : access_(std::move(access)),
      options_(options),
      sampler_(std::move(sampler)),
      entry_(std::move(entry)) {}

Result<Collection> NetnsCollector::Collect(const ScrapeContext& context) {
  auto all = ReadNamespaces(access_, entry_, [&context] {
    return !context.stop.stop_requested() && std::chrono::steady_clock::now() < context.deadline;
  });
  if (!all) return Fail(std::move(all.error()));
  if (all->readings.empty()) {
    return Fail(all->first_error.value_or(
        Error{ErrorKind::kAbsent, 0, "/proc shows no process and no network namespace", {}}));
  }
  Collection collection;
  collection.source = all->source;
  collection.omissions = std::move(all->omissions);
  collection.families = MakeFamilies(all->readings);
  AddFlows(context, all->readings, collection);
  collection.families.push_back(Gauge("conntrack_netns_namespaces",
                                      "Network namespaces found on this host.",
                                      all->readings.size() + all->unreadable));
  collection.families.push_back(Gauge("conntrack_netns_unreadable",
                                      "Network namespaces that were found but could not be read; "
                                      "conntrack_exporter check lists them.",
                                      all->unreadable));
  return collection;
}

void NetnsCollector::AddFlows(const ScrapeContext& context,
                              const std::vector<NetnsReading>& readings,
                              Collection& collection) const {
  const auto* part = options_.composition
                         ? "conntrack_netns_flows and conntrack_netns_flows_by_state"
                         : "conntrack_netns_flows";
  if (!sampler_) {
    if (options_.composition) collection.omissions.push_back({part, sampler_.error()});
    return;
  }
  const auto deadline = std::chrono::steady_clock::now() + FlowSampler::kReadingWaits;
  const auto latest = (*sampler_)->Latest(deadline, context.stop);
  if (!latest) {
    collection.omissions.push_back({part, latest.error()});
  } else if ((*latest)->table) {
    const auto named = NameFlows(*(*latest)->table, readings, options_.max);
    collection.families.push_back(NetnsFlows(named));
    if (options_.composition) collection.families.push_back(NetnsFlowsByState(named));
  } else if (const auto& why = (*latest)->fallback_reason) {
    collection.omissions.push_back({part, *why});
  } else if (options_.composition) {
    collection.omissions.push_back(
        {part,
         {ErrorKind::kAbsent, 0,
          "the hash table is not found yet: it is found by a flow of the exporter's own network "
          "namespace, which has none now",
          "wait for a flow there; or give CAP_SYSLOG at the start, with kernel.kptr_restrict "
          "below 2"}});
  }
}

std::vector<Family> NetnsCollector::MakeFamilies(const std::vector<NetnsReading>& readings) {
  auto entries = Gauges(
      "conntrack_netns_entries",
      "Entries in the table of a network namespace, for the namespaces with the most; the rest is "
      "other. The limit (conntrack_entries_limit) applies to each namespace separately.");
  auto info =
      Gauges("conntrack_netns_info",
             "Type of a network namespace (host, named, container, pod, unit, process) and its "
             "inode, as lsns and the kernel log print it; empty if it cannot be read. Always 1.");
  std::vector<Family> losses;
  losses.reserve(kLossFamilies.size());
  for (const auto& [name, help] : kLossFamilies) losses.push_back(Counters(name, help));
  const auto add_losses = [&losses](const std::string& netns, const LossSums& sums) {
    for (std::size_t i = 0; i < sums.size(); ++i) {
      if (sums[i]) losses[i].Add({{"netns", netns}}, *sums[i]);
    }
  };

  std::uint64_t other_entries = 0;
  counters_.BeginRound();
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const auto& reading = readings[i];
    const bool is_other = i >= options_.max;
    const auto sums = counters_.Add(reading.key, reading.counts.stat, is_other);
    if (is_other) {
      other_entries += reading.counts.entries;
      continue;
    }
    entries.Add({{"netns", reading.name}}, reading.counts.entries);
    add_losses(reading.name, sums);
    info.Add({{"netns", reading.name},
              {"inode", reading.inode ? std::to_string(*reading.inode) : ""},
              {"kind", std::string(kernel::ToString(reading.kind))}},
             1);
  }
  counters_.EndRound();
  entries.Add({{"netns", kOtherNamespaces}}, other_entries);
  add_losses(kOtherNamespaces, counters_.other());

  std::vector<Family> families{std::move(entries)};
  losses.push_back(std::move(info));
  for (auto& family : losses) {
    // No samples: this kernel does not have the counter.
    if (!family.samples.empty()) families.push_back(std::move(family));
  }
  return families;
}

CatalogueEntry NetnsEntry() {
  return {
      .name = "netns",
      .summary = "entries and packet loss of every network namespace of the host",
      .needs =
          "nothing (CAP_SYS_PTRACE for inodes, CAP_SYS_ADMIN for namespaces without a process "
          "and where the kernel has no /proc/net/stat/nf_conntrack)",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<NetnsCollector>(
                inputs.access, inputs.options.Get<NetnsOptions>(), SamplerOfNamespaces(inputs));
          },
      .max_age = std::chrono::seconds(1),  // it visits every process of the host
      .flags =
          {{"max", "N",
            "Maximum number of network namespaces with a series of their own; the rest is other",
            NumberFor(&NetnsOptions::max, 0, 65536)},
           {"composition", "",
            "Also count the flows of each network namespace by protocol and state; needs flows "
            "read by bpf",
            SwitchFor(&NetnsOptions::composition)}},
      .capabilities =
          {{Capability::kSysAdmin, "namespaces without a process, which have to be entered"},
           {Capability::kSysPtrace, "inodes of namespaces of other users' processes"},
           {Capability::kNetAdmin,
            "counts over ctnetlink, where the kernel has no /proc/net/stat/nf_conntrack"}},
      .use_flow_sampler =
          [](const CollectorOptions& options, FlowSamplerUse& use) {
            use.namespaces = options.Get<NetnsOptions>().composition
                                 ? kernel::NamespaceDetail::kStates
                                 : kernel::NamespaceDetail::kFlows;
          },
      .looks_into_processes = true,
  };
}

}  // namespace conntrack
