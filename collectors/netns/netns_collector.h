// conntrack_netns_*: all network namespaces of the host.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "collectors/collector.h"
#include "collectors/flows/flow_sampler.h"
#include "collectors/kernel_access.h"
#include "collectors/netns/netns_counters.h"
#include "collectors/netns/netns_reading.h"
#include "kernel/namespaces/namespace_entry.h"

namespace conntrack {

struct NetnsOptions {
  std::size_t max = 64;      ///< Maximum with series of their own.
  bool composition = false;  ///< Flows of each namespace by protocol and state.
};

/// \brief  Entries and losses of every network namespace: of the host, of containers and pods, and
///         named ones. The kernel compares the one limit with the count of each namespace
///         separately, so each can fill up by itself. The fullest namespaces and the host's have
///         series of their own, the others are summed up.
/// Source:  DiscoverNamespaces() and ReadNamespaceCounts(). Flows come from the last walk of a
///          FlowSampler, if there is one whose source sees all namespaces.
/// Units:   entries, current; packets and entries since the namespace was created. In other: since
///          the namespace has been among the others. 64 bits; see NetnsCounters.
/// Errors:  those of the first namespace if none can be read. Unreadable namespaces are counted and
///          named in an omission.
/// Threads and cost: one thread at a time. Some 5 us per process of the host, 50 us per namespace;
///          a short-lived thread for each namespace without a process.
class NetnsCollector final : public Collector {
 public:
  /// If `sampler` is an error, it says why no source sees the flows of all namespaces.
  NetnsCollector(KernelAccess access, const NetnsOptions& options,
                 Result<std::shared_ptr<FlowSampler>> sampler,
                 kernel::NamespaceEntry entry = kernel::KernelNamespaceEntry());
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  /// Adds the flows of each namespace from the walk of the table, or why there are none.
  void AddFlows(const ScrapeContext& context, const std::vector<NetnsReading>& readings,
                Collection& collection) const;

  [[nodiscard]] std::vector<Family> MakeFamilies(const std::vector<NetnsReading>& readings);

  const KernelAccess access_;
  const NetnsOptions options_;
  const Result<std::shared_ptr<FlowSampler>> sampler_;
  const kernel::NamespaceEntry entry_;

  NetnsCounters counters_;
};

[[nodiscard]] CatalogueEntry NetnsEntry();

}  // namespace conntrack
