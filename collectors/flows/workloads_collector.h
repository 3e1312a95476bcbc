// conntrack_workload_flows: flows by workload of this machine.
#pragma once

#include <memory>

#include "collectors/collector.h"
#include "collectors/flows/flow_sampler.h"

namespace conntrack {

/// \brief  Flows by pod, container, unit, network namespace and host.
/// Source:  the walk of a FlowSampler that counts workloads.
/// Units:   flows, current.
/// Errors:  as FlowsCollector, and those of ReadWorkloadMap().
/// Threads and cost: any thread; waits for a walk, at most until the deadline of the scrape.
class WorkloadsCollector final : public Collector {
 public:
  explicit WorkloadsCollector(std::shared_ptr<FlowSampler> sampler)
      : sampler_(std::move(sampler)) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;
  [[nodiscard]] std::optional<std::chrono::steady_clock::duration> WaitsFor() const override {
    return sampler_->UnderWay();
  }

 private:
  const std::shared_ptr<FlowSampler> sampler_;
};

inline constexpr const char* kWorkloadsCollector = "workloads";

[[nodiscard]] CatalogueEntry WorkloadsEntry();

}  // namespace conntrack
