#include "collectors/flows/flows_collector.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <string>
#include <utility>

#include "collectors/catalogue_entry.h"
#include "collectors/flows/flow_source_choice.h"
#include "kernel/bpf/flow_walk_batch.h"

namespace conntrack {
namespace {

double Seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

Family SourceInfo(const FlowSnapshot& snapshot) {
  const auto& why = snapshot.fallback_reason;
  return Info(
      "conntrack_flows_source_info",
      "Source of the flows (bpf or ctnetlink) and, if BPF was tried without success, the kind of "
      "error; the log and check have the details. Always 1.",
      {{"via", snapshot.source}, {"why_not_bpf", why ? std::string(ToString(why->kind)) : ""}});
}

constexpr std::size_t kAllProtocols = 256;
constexpr std::size_t kIpv4 = 0;
constexpr std::size_t kIpv6 = 1;

bool AlwaysShown(std::size_t family, std::size_t protocol) {
  switch (protocol) {
    case IPPROTO_TCP:
    case IPPROTO_UDP:
      return family == kIpv4 || family == kIpv6;
    case IPPROTO_ICMP:
      return family == kIpv4;
    case IPPROTO_ICMPV6:
      return family == kIpv6;
    default:
      return false;
  }
}

/// A protocol of one family, as shown.
struct ShownProtocol {
  std::string family;
  std::string protocol;
  std::span<const std::string_view> states;
  FlowCounts::ProtocolCounts counts;
};

/// Returns, by number, which protocols have series of their own.
std::array<bool, kAllProtocols> NamedProtocols(const FlowCounts& counts, std::size_t most) {
  std::array<bool, kAllProtocols> named{};
  std::vector<std::pair<std::uint64_t, std::size_t>> others;  // by flows, ascending
  for (std::size_t protocol = 0; protocol < kAllProtocols; ++protocol) {
    const auto number = static_cast<std::uint8_t>(protocol);
    named[protocol] = kernel::IsTracked(number);
    std::uint64_t flows = 0;
    for (std::size_t family = 0; family < kernel::kFamilyNames.size(); ++family) {
      flows += counts.Of(family, number).flows;
    }
    if (!named[protocol] && flows > 0) others.emplace_back(flows, kAllProtocols - protocol);
  }
  std::ranges::sort(others, std::greater{});
  others.resize(std::min(others.size(), most - std::min(most, kernel::kTrackedProtocols)));
  for (const auto& other : others) named[kAllProtocols - other.second] = true;
  return named;
}

std::vector<ShownProtocol> ShownProtocols(const FlowCounts& counts, std::size_t most) {
  const auto named = NamedProtocols(counts, most);
  std::vector<ShownProtocol> shown;
  for (std::size_t family = 0; family < kernel::kFamilyNames.size(); ++family) {
    const std::string name(kernel::kFamilyNames[family]);
    FlowCounts::ProtocolCounts rest;
    for (std::size_t protocol = 0; protocol < kAllProtocols; ++protocol) {
      const auto number = static_cast<std::uint8_t>(protocol);
      const auto& of_protocol = counts.Of(family, number);
      if (!named[protocol]) {
        rest += of_protocol;
      } else if (AlwaysShown(family, protocol) || of_protocol.flows > 0) {
        shown.push_back(
            {name, kernel::ProtocolName(number), kernel::StateNames(number), of_protocol});
      }
    }
    // None of these protocols has its own states.
    if (rest.flows > 0) shown.push_back({name, kOther, kernel::StateNames(IPPROTO_RAW), rest});
  }
  return shown;
}

Family ByState(const std::vector<ShownProtocol>& shown) {
  auto flows =
      Gauges("conntrack_flows",
             "Flows by protocol and state; each flow is counted once. Flows of protocols without "
             "states in the kernel are UNREPLIED, REPLIED or ASSURED (ctnetlink or bpf). Protocols "
             "beyond --collector.flows.max-protocols are counted as other.");
  for (const auto& [family, protocol, states, counts] : shown) {
    for (std::size_t i = 0; i < states.size(); ++i) {
      flows.Add(
          {{"family", family}, {"protocol", protocol}, {"flow_state", std::string(states[i])}},
          counts.states[i]);
    }
  }
  return flows;
}

Family ByStatus(const std::vector<ShownProtocol>& shown) {
  auto flows = Gauges("conntrack_flows_with_status",
                      "Flows by status bit of the kernel. A flow may have several bits or none.");
  for (const auto& line : shown) {
    for (const auto& status : kernel::StatusNames()) {
      flows.Add({{"family", line.family},
                 {"protocol", line.protocol},
                 {"status", std::string(status.name)}},
                line.counts.with(status));
    }
  }
  return flows;
}

Family ByZone(const FlowCounts& counts, std::size_t max_zones) {
  auto flows = Gauges("conntrack_flows_by_zone",
                      "Flows by conntrack zone of their original direction, for the zones with the "
                      "most flows; the rest is other.");
  std::uint64_t other = 0;
  for (const auto& [zone, count] : counts.Zones()) {
    if (flows.samples.size() < max_zones) {
      flows.Add({{"ct_zone", std::to_string(zone)}}, count);
    } else {
      other += count;
    }
  }
  flows.Add({{"ct_zone", "other"}}, other);
  return flows;
}

Family ByLifetime(const FlowCounts& counts) {
  auto flows = Gauges("conntrack_flows_expiring",
                      "Flows whose timeout ends within this many seconds unless a packet renews "
                      "it; cumulative. Offloaded flows have no timeout.");
  const auto ending = counts.EndingWithin();
  for (std::size_t i = 0; i < ending.size(); ++i) {
    flows.Add({{"within_seconds", std::to_string(FlowCounts::kLifetimes[i])}}, ending[i]);
  }
  return flows;
}

Family ChainLength(const kernel::HashTableStats& table) {
  Sample sample;
  std::uint64_t buckets = 0;
  for (std::size_t i = 0; i < table.chains.size(); ++i) {
    buckets += table.chains[i];
    sample.buckets.push_back({static_cast<double>(kernel::HashTableStats::kLengths[i]), buckets});
  }
  sample.value = static_cast<double>(buckets + table.longer_chains);
  sample.sum = static_cast<double>(table.tuples);
  return {"conntrack_hash_chain_length",
          "Buckets of the host's hash table by the length of their chain, at present: not a count "
          "of events, so do not use rate(). The sum counts both directions of all flows of all "
          "network namespaces; sum / count is the load factor, which should be at most 1.",
          MetricType::kHistogram,
          {std::move(sample)}};
}

Result<void> SetFlowSource(CollectorOptions& options, const std::string& name) {
  options.Get<FlowSourceOptions>().choice = name == "bpf"       ? FlowSourceChoice::kBpf
                                            : name == "netlink" ? FlowSourceChoice::kNetlink
                                                                : FlowSourceChoice::kAuto;
  return {};
}

void SetMaxHold(CollectorOptions& options, std::uint64_t milliseconds) {
  options.Get<FlowSourceOptions>().max_hold = std::chrono::milliseconds(milliseconds);
}

std::vector<CollectorFlag> FlowsFlags() {
  return {
      {"source", "auto|netlink|bpf",
       "Source of flows: bpf walks the hash table, is faster than a dump, and also sees chains and "
       "all network namespaces; it needs CAP_BPF, CAP_PERFMON and CAP_SYSLOG at the start. netlink "
       "is the kernel's dump. auto uses bpf if possible, otherwise netlink",
       TextValue{"auto", SetFlowSource, {"auto", "bpf", "netlink"}}, true},
      {"threads", "N", "Number of threads for a walk, if flows are read by bpf",
       NumberFor(&FlowSourceOptions::threads, 1, FLOW_WALK_BATCHES), true},
      {"cpu-share", "SHARE", "Maximum share of one CPU for walks of the table",
       NumberFor(&FlowsOptions::cpu_share, 0.0001, 1.0), true},
      {"max-zones", "N", "Maximum number of zones with a series of their own; the rest is other",
       NumberFor(&FlowsOptions::max_zones, 0, 65536)},
      {"max-protocols", "N",
       "Maximum number of protocols with series of their own: 12 that are tracked or common on "
       "routers, then those with the most flows; the rest is other",
       NumberFor(&FlowsOptions::max_protocols, kernel::kTrackedProtocols, 256)},
      {"max-softirq-hold", "MILLISECONDS",
       "Do not dump the table if the kernel would block softirqs for longer. This happens if the "
       "host's table is large and few of its entries are in this network namespace",
       NumberValue<std::uint64_t>{1, 60000, 100, SetMaxHold}, true},
  };
}

}  // namespace

std::vector<Family> FlowFamilies(const FlowCounts& counts, const FlowsOptions& options) {
  const auto shown = ShownProtocols(counts, options.max_protocols);
  return {ByState(shown), ByStatus(shown), ByZone(counts, options.max_zones), ByLifetime(counts)};
}

std::vector<Family> HashTableFamilies(const kernel::HashTableStats& table) {
  return {
      ChainLength(table),
      Gauge("conntrack_hash_chain_length_max",
            "Length of the longest chain in the host's hash table.", table.longest),
      Gauge("conntrack_flows_expired",
            "Expired entries of this network namespace, which take up space until the kernel "
            "removes them. No dump shows them, and no other conntrack_flows metric counts them.",
            table.expired)};
}

FlowsCollector::FlowsCollector(std::shared_ptr<FlowSampler> sampler, const FlowsOptions& options)
    : sampler_(std::move(sampler)), options_(options) {}

Result<Collection> FlowsCollector::Collect(const ScrapeContext& context) {
  const auto latest = sampler_->Latest(context.deadline, context.stop);
  if (!latest) return Fail(latest.error());
  const auto& snapshot = **latest;
  const auto reading = std::make_shared<const FlowsReading>(
      FlowsReading{*latest, Seconds(sampler_->now() - snapshot.completed), sampler_->errors()});
  auto families = FlowFamiliesOf(*latest);
  auto health = FamiliesOf(*reading);
  std::move(health.begin(), health.end(), std::back_inserter(families));
  return Collection{std::move(families), {}, snapshot.source, snapshot.fallback_reason, reading};
}

std::vector<Family> FlowsCollector::FlowFamiliesOf(const SharedSnapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  if (made_of_ != snapshot) {
    families_ = FlowFamilies(snapshot->counts, options_);
    made_of_ = snapshot;
  }
  return families_;
}

std::vector<Family> FamiliesOf(const FlowsReading& reading) {
  const auto& [snapshot, age_seconds, errors] = reading;
  std::vector<Family> families = {
      Gauge("conntrack_flows_sample_duration_seconds",
            "Duration of the last walk of the table, which yields the conntrack_flows metrics.",
            Seconds(snapshot->duration)),
      Gauge("conntrack_flows_sample_age_seconds",
            "Time since the end of the last walk of the table. Scrapes start walks, within the "
            "allowed share of one CPU.",
            age_seconds),
      Gauge("conntrack_flows_sample_flows", "Flows seen in the last walk of the table.",
            snapshot->counts.flows()),
      Counter("conntrack_flows_sample_interruptions_total",
              "Walks restarted because the table changed during the walk.", errors.interruptions),
      Counter("conntrack_flows_sample_overruns_total",
              "Walks restarted because messages from the kernel were lost.", errors.overruns),
      Counter("conntrack_flows_sample_skipped_total",
              "Messages from the kernel that could not be parsed as a flow. They are missing from "
              "all other metrics.",
              errors.skipped),
      Counter("conntrack_flows_sample_torn_total",
              "Hash chains that changed during each attempt to read them, and flows that were "
              "replaced by others during the read. They are missing from all other metrics.",
              errors.torn),
      SourceInfo(*snapshot)};
  if (snapshot->table) {
    auto table = HashTableFamilies(*snapshot->table);
    std::move(table.begin(), table.end(), std::back_inserter(families));
  }
  return families;
}

CatalogueEntry FlowsEntry() {
  return {
      .name = "flows",
      .on_by_default = true,
      .summary = "flows by protocol, state, status, zone and remaining lifetime",
      .needs =
          "CAP_NET_ADMIN (to read by BPF also CAP_BPF, CAP_PERFMON and CAP_SYSLOG, at the start)",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<FlowsCollector>(inputs.flow_sampler(),
                                                    inputs.options.Get<FlowsOptions>());
          },
      .flags = FlowsFlags(),
      .capabilities = {{Capability::kNetAdmin, "dumps of the table", true}},
      .use_flow_sampler = [](const CollectorOptions&, FlowSamplerUse&) {},
  };
}

}  // namespace conntrack
