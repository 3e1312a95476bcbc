// conntrack_flows_*: what fills the table.
#pragma once

#include <cstddef>
#include <memory>

#include "collectors/collector.h"
#include "collectors/flow_sampler.h"

namespace conntrack {

/// \brief  Flows by protocol and state, by status bit, by zone and by remaining lifetime, and the
/// health of the sampling.
///
/// Source:  any FlowSource, through a FlowSampler: figures are those of the last walk of the table,
///          whose age is shown. They do not add up to conntrack_entries exactly, which counts
///          entries that no walk can see.
/// Units:   flows, current.
/// Errors:  of the source: kDenied without CAP_NET_ADMIN. kTimeout where the first walk is not done
///          before the deadline.
/// Threads and cost: any thread; waits for a walk, at most until the deadline of the scrape. See
///          FlowSampler.
class FlowsCollector final : public Collector {
 public:
  FlowsCollector(std::shared_ptr<FlowSampler> sampler, std::size_t max_zones);
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  std::shared_ptr<FlowSampler> sampler_;
  std::size_t max_zones_;
};

}  // namespace conntrack
