#include "collectors/flows/flows_collector.h"

#include <utility>

#include "collectors/catalogue_entry.h"
#include "collectors/flows/flow_families.h"
#include "collectors/flows/flow_source_choice.h"
#include "collectors/flows/hash_table_families.h"
#include "kernel/bpf/flow_walk_batch.h"

namespace conntrack {
namespace {

double Seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

Family SourceInfo(const FlowSnapshot& snapshot) {
  const auto& why = snapshot.why_not_preferred;
  return {
      "conntrack_flows_source_info",
      "Where the flows are read from (bpf, ctnetlink); where bpf was to be tried and cannot be, "
      "the kind of the reason, which check and the log have in full; always 1.",
      MetricType::kGauge,
      {{{{"source", snapshot.source}, {"why_not_bpf", why ? std::string(ToString(why->kind)) : ""}},
        1}}};
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
       "Where flows are read from: bpf walks the hash table in a part of the time of a dump, and "
       "sees its chains and all namespaces; it takes CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN at "
       "the start. netlink is the kernel's dump. auto: bpf where it can be, else netlink",
       TextValue{"auto", SetFlowSource, {"auto", "bpf", "netlink"}}},
      {"threads", "N", "Threads that walk the hash table at once, with the flows read by bpf",
       NumberFor(&FlowSourceOptions::threads, 1, FLOW_WALK_BATCHES)},
      {"cpu-share", "SHARE", "Share of one CPU that walks of the table may use",
       NumberFor(&FlowsOptions::cpu_share, 0.0001, 1.0)},
      {"max-zones", "N", "Most zones with a series of their own; the others are summed up as other",
       NumberFor(&FlowsOptions::max_zones, 0, 65536)},
      {"max-softirq-hold", "MILLISECONDS",
       "Do not dump a namespace where the kernel would hold softirqs off for longer, because the "
       "host's table is large and this namespace's part of it small",
       NumberValue<std::uint64_t>{1, 60000, 100, SetMaxHold}},
  };
}

}  // namespace

FlowsCollector::FlowsCollector(std::shared_ptr<FlowSampler> sampler, std::size_t max_zones)
    : sampler_(std::move(sampler)), max_zones_(max_zones) {}

Result<Collection> FlowsCollector::Collect(const ScrapeContext& context) {
  const auto latest = sampler_->Latest(context.deadline, context.stop);
  if (!latest) return Fail(latest.error());
  const auto& snapshot = **latest;
  const auto troubles = sampler_->troubles();

  Collection collection;
  collection.source = snapshot.source;
  collection.why_this_source = snapshot.why_not_preferred;
  collection.families = FamiliesOf(*latest);
  auto& families = collection.families;
  families.push_back(
      Gauge("conntrack_flows_sample_duration_seconds",
            "Time that the walk of the table took from which the conntrack_flows figures are.",
            Seconds(snapshot.duration)));
  families.push_back(Gauge(
      "conntrack_flows_sample_age_seconds",
      "Time since that walk was complete; walks are made on request, within a share of one CPU.",
      Seconds(sampler_->now() - snapshot.completed)));
  families.push_back(Gauge("conntrack_flows_sample_flows", "Flows seen in that walk.",
                           static_cast<double>(snapshot.counts.flows())));
  families.push_back(Counter("conntrack_flows_sample_interruptions_total",
                             "Walks begun again because the table changed under them.",
                             static_cast<double>(troubles.interruptions)));
  families.push_back(Counter("conntrack_flows_sample_overruns_total",
                             "Walks begun again because messages of the kernel were lost.",
                             static_cast<double>(troubles.overruns)));
  families.push_back(
      Counter("conntrack_flows_sample_skipped_total",
              "Messages of the kernel that could not be read as a flow and are in no figure.",
              static_cast<double>(troubles.skipped)));
  families.push_back(
      Counter("conntrack_flows_sample_torn_total",
              "Chains of the hash table that moved each time they were read, and flows that were "
              "replaced by others while they were read and are in no figure.",
              static_cast<double>(troubles.torn)));
  families.push_back(SourceInfo(snapshot));
  if (snapshot.table) AddHashTable(*snapshot.table, families);
  return collection;
}

std::vector<Family> FlowsCollector::FamiliesOf(const SharedSnapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  if (made_of_ != snapshot) {
    families_ = FlowFamilies(snapshot->counts, max_zones_);
    made_of_ = snapshot;
  }
  return families_;
}

CatalogueEntry FlowsEntry() {
  return {
      .name = "flows",
      .on_by_default = true,
      .summary = "flows by protocol, state, status, zone and remaining lifetime",
      .needs = "CAP_NET_ADMIN (to read by BPF also CAP_BPF and CAP_PERFMON, at the start)",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<FlowsCollector>(inputs.flow_sampler(),
                                                    inputs.options.Get<FlowsOptions>().max_zones);
          },
      .flags = FlowsFlags(),
      .capabilities = {{Capability::kNetAdmin, "dumps of the table", true}},
      .use_flow_sampler = [](const CollectorOptions&, FlowSamplerUse&) {},
  };
}

}  // namespace conntrack
