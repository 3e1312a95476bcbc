// conntrack_talkers_*: the hosts and services that fill the table.
#pragma once

#include <memory>
#include <vector>

#include "collectors/collector.h"
#include "collectors/flows/flow_sampler.h"

namespace conntrack {

/// \brief  The sources, destinations and services with the most flows, and flows by address class;
///         if requested, pairs of source and destination, and backends.
/// Source:  the walk of a FlowSampler that counts talkers.
/// Units:   flows, current; each family has a series "other", so that its sum covers all flows.
/// Errors:  as FlowsCollector.
/// Threads and cost: any thread; waits for a walk, at most until the deadline of the scrape.
class TalkersCollector final : public Collector {
 public:
  explicit TalkersCollector(std::shared_ptr<FlowSampler> sampler) : sampler_(std::move(sampler)) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;
  [[nodiscard]] std::optional<std::chrono::steady_clock::duration> WaitsFor() const override {
    return sampler_->UnderWay();
  }

 private:
  const std::shared_ptr<FlowSampler> sampler_;
};

[[nodiscard]] CatalogueEntry TalkersEntry();

}  // namespace conntrack
