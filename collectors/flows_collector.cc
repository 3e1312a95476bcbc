#include "collectors/flows_collector.h"

#include <utility>

#include "collectors/flow_families.h"

namespace conntrack {
namespace {

double Seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
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
  collection.source = sampler_->source_name();
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

}  // namespace conntrack
