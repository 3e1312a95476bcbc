#include "collectors/flows/flows_collector.h"

#include <iterator>
#include <utility>

#include "collectors/flows/flow_families.h"

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

}  // namespace

FlowsCollector::FlowsCollector(std::shared_ptr<FlowSampler> sampler, std::size_t max_zones)
    : sampler_(std::move(sampler)), max_zones_(max_zones) {}

Result<Collection> FlowsCollector::Collect(const ScrapeContext& context) {
  const auto latest = sampler_->Latest(context.deadline, context.stop);
  if (!latest) return Fail(latest.error());
  const auto& snapshot = **latest;
  const auto reading = std::make_shared<const FlowsReading>(
      FlowsReading{*latest, Seconds(sampler_->now() - snapshot.completed), sampler_->troubles()});
  auto families = FlowFamiliesOf(*latest);
  auto health = FamiliesOf(*reading);
  std::move(health.begin(), health.end(), std::back_inserter(families));
  return Collection{std::move(families), {}, snapshot.source, snapshot.why_not_preferred, reading};
}

std::vector<Family> FlowsCollector::FlowFamiliesOf(const SharedSnapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  if (made_of_ != snapshot) {
    families_ = FlowFamilies(snapshot->counts, max_zones_);
    made_of_ = snapshot;
  }
  return families_;
}

std::vector<Family> FamiliesOf(const FlowsReading& reading) {
  const auto& [snapshot, age_seconds, troubles] = reading;
  std::vector<Family> families = {
      Gauge("conntrack_flows_sample_duration_seconds",
            "Time that the walk of the table took from which the conntrack_flows figures are.",
            Seconds(snapshot->duration)),
      Gauge("conntrack_flows_sample_age_seconds",
            "Time since that walk was complete; walks are made on request, within a share of one "
            "CPU.",
            age_seconds),
      Gauge("conntrack_flows_sample_flows", "Flows seen in that walk.",
            static_cast<double>(snapshot->counts.flows())),
      Counter("conntrack_flows_sample_interruptions_total",
              "Walks begun again because the table changed under them.",
              static_cast<double>(troubles.interruptions)),
      Counter("conntrack_flows_sample_overruns_total",
              "Walks begun again because messages of the kernel were lost.",
              static_cast<double>(troubles.overruns)),
      Counter("conntrack_flows_sample_skipped_total",
              "Messages of the kernel that could not be read as a flow and are in no figure.",
              static_cast<double>(troubles.skipped)),
      Counter("conntrack_flows_sample_torn_total",
              "Chains of the hash table that moved each time they were read, and flows that were "
              "replaced by others while they were read and are in no figure.",
              static_cast<double>(troubles.torn)),
      SourceInfo(*snapshot)};
  if (snapshot->table) {
    auto table = HashTableFamilies(*snapshot->table);
    std::move(table.begin(), table.end(), std::back_inserter(families));
  }
  return families;
}

}  // namespace conntrack
