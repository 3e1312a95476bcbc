// conntrack_netns_*: every network namespace of the host.
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
  std::size_t max = 64;      ///< With series of their own.
  bool composition = false;  ///< Flows of each by protocol and state.
};

/// \brief  Entries and losses of every network namespace: the host's, those of containers and pods,
/// those with a name. The kernel compares the one limit with the count of each namespace by itself,
/// so each can fill up alone. The fullest namespaces, and the host's, have series of their own, the
/// others are summed up.
/// Source:  DiscoverNamespaces() and ReadNamespaceCounts(). Flows are those of the last walk of a
///          FlowSampler, where there is one whose source sees all namespaces.
/// Units:   entries, current; packets and entries since the namespace was made, or, in other, while
///          it was among the others. 64 bits; see NetnsCounters.
/// Errors:  those of the first namespace if none can be read. Unreadable namespaces are counted and
///          named in an omission.
/// Threads and cost: one thread at a time. Some 5 us for each process of the
///          host, 50 us for each namespace; a short-lived thread for each one without a process.
class NetnsCollector final : public Collector {
 public:
  /// Without a sampler, the error says why no source sees the flows of all namespaces.
  NetnsCollector(KernelAccess access, const NetnsOptions& options,
                 Result<std::shared_ptr<FlowSampler>> sampler,
                 kernel::NamespaceEntry entry = kernel::KernelNamespaceEntry());
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  /// Adds what a walk of the table says of each namespace, or why nothing does.
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
