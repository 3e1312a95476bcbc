// conntrack_flows_*: the flows that fill the table.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "collectors/collector.h"
#include "collectors/flows/flow_sampler.h"

namespace conntrack {

struct FlowsOptions {
  double cpu_share = 0.10;  ///< Share of one CPU for walks of the table.
  std::size_t max_zones = 64;
  std::size_t max_protocols = 24;  ///< At least kernel::kTrackedProtocols.
};

/// \brief  Makes conntrack_flows, conntrack_flows_with_status, conntrack_flows_by_zone and
///         conntrack_flows_expiring. TCP, UDP, ICMP and ICMPv6 always have series, so that rules
///         find them; others get series with their first flow. At most `max_protocols` protocols
///         have series of their own: those for which kernel::IsTracked() is true, then those with
///         the most flows. The rest is summed up as "other", and so are zones beyond the
///         `max_zones` fullest.
/// Threads and cost: pure; some 150 series for IPv4 and IPv6, 14 more for each further protocol of
///          a family.
[[nodiscard]] std::vector<Family> FlowFamilies(const FlowCounts& counts,
                                               const FlowsOptions& options);

/// \brief  Makes the metrics that only a walk of the hash table provides: the lengths of its
///         chains, and the expired entries that are still in it.
/// Units:   buckets, tuples, flows; current.
/// Threads and cost: pure; 10 series.
[[nodiscard]] std::vector<Family> HashTableFamilies(const kernel::HashTableStats& table);

/// The last walk of the table, and the health of sampling.
struct FlowsReading {
  std::shared_ptr<const FlowSnapshot> snapshot;
  double age_seconds = 0;  ///< Since the walk was completed.
  kernel::WalkErrors errors;
};

/// Makes the families on the health of sampling and on the hash table. FlowFamilies() makes those
/// on flows.
[[nodiscard]] std::vector<Family> FamiliesOf(const FlowsReading& reading);

/// \brief  Flows by protocol and state, by status bit, by zone and by remaining lifetime, and the
///         health of sampling.
/// Source:  the last walk of a FlowSampler; its age is a metric. conntrack_entries also counts
///          entries that no walk can see.
/// Units:   flows, current.
/// Errors:  those of the source: kDenied without CAP_NET_ADMIN. kTimeout during the first walk.
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

  // All scrapes between two walks return the same families, so they are made once.
  std::mutex mutex_;  // guards all members below
  SharedSnapshot made_of_;
  std::vector<Family> families_;
};

[[nodiscard]] CatalogueEntry FlowsEntry();

}  // namespace conntrack
