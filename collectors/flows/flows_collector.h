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
  std::size_t max_protocols = 24;  ///< At least kernel::kTrackedProtocols.
};

/// \brief  conntrack_flows, conntrack_flows_with_status, conntrack_flows_by_zone and
/// conntrack_flows_expiring. TCP, UDP, ICMP and ICMPv6 are always there, so that rules have a
/// series to look at; others appear with their first flow. Protocols that kernel::IsTracked() have
/// series of their own, and of the others those with the most flows, `max_protocols` in all; the
/// rest is summed up as "other". So are zones beyond the `max_zones` fullest.
/// Threads and cost: pure; some 150 series for IPv4 and IPv6, 14 more for each further protocol of
/// a family.
[[nodiscard]] std::vector<Family> FlowFamilies(const FlowCounts& counts,
                                               const FlowsOptions& options);

/// \brief  What only a walk of the hash table can tell: the lengths of its chains, and the expired
/// entries that are still in it.
/// Units:   buckets, tuples, flows; current.
/// Threads and cost: pure; 10 series.
[[nodiscard]] std::vector<Family> HashTableFamilies(const kernel::HashTableStats& table);

/// The last walk of the table, and how sampling fares.
struct FlowsReading {
  std::shared_ptr<const FlowSnapshot> snapshot;
  double age_seconds = 0;  ///< Since the walk was complete.
  kernel::WalkErrors errors;
};

/// The health of the sampling, and what is known of the hash table. FlowFamilies() has the flows.
[[nodiscard]] std::vector<Family> FamiliesOf(const FlowsReading& reading);

/// \brief  Flows by protocol and state, by status bit, by zone and by remaining lifetime, and the
/// health of the sampling.
/// Source:  the last walk of a FlowSampler, whose age is shown. conntrack_entries also counts
///          entries that no walk can see.
/// Units:   flows, current.
/// Errors:  of the source: kDenied without CAP_NET_ADMIN. kTimeout during the first walk.
/// Threads and cost: any thread; waits for a walk, at most until the deadline of the scrape.
class FlowsCollector final : public Collector {
 public:
  FlowsCollector(std::shared_ptr<FlowSampler> sampler, const FlowsOptions& options);
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;
  [[nodiscard]] std::optional<std::chrono::steady_clock::duration> WaitsFor() const override {
    return sampler_->UnderWay();
  }

 private:
  using SharedSnapshot = std::shared_ptr<const FlowSnapshot>;

  [[nodiscard]] std::vector<Family> FlowFamiliesOf(const SharedSnapshot& snapshot);

  const std::shared_ptr<FlowSampler> sampler_;
  const FlowsOptions options_;

  // Scrapes between two walks yield the same families: they are made once.
  std::mutex mutex_;  // guards all below
  SharedSnapshot made_of_;
  std::vector<Family> families_;
};

[[nodiscard]] CatalogueEntry FlowsEntry();

}  // namespace conntrack
