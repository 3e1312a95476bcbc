// conntrack_flows_*: what fills the table.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "collectors/collector.h"
#include "collectors/flows/flow_sampler.h"

namespace conntrack {

struct FlowsOptions {
  double cpu_share = 0.10;  ///< Of one CPU, for walks of the table.
  std::size_t max_zones = 64;
};

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
  using SharedSnapshot = std::shared_ptr<const FlowSnapshot>;

  [[nodiscard]] std::vector<Family> FamiliesOf(const SharedSnapshot& snapshot);

  const std::shared_ptr<FlowSampler> sampler_;
  const std::size_t max_zones_;

  // Scrapes between two walks yield the same families: they are made once.
  std::mutex mutex_;  // guards all below
  SharedSnapshot made_of_;
  std::vector<Family> families_;
};

[[nodiscard]] CatalogueEntry FlowsEntry();

}  // namespace conntrack
