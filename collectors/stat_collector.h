// conntrack_stat_*: what happened to packets.
#pragma once

#include "collectors/collector.h"
#include "collectors/kernel_access.h"
#include "collectors/recent.h"
#include "kernel/proc/cpu_list.h"

namespace conntrack {

/// \brief  The kernel's counters of lookups, insertions and losses, per CPU, and which source they
/// came from.
///
/// Source:  IPCTNL_MSG_CT_GET_STATS_CPU, or /proc/net/stat/nf_conntrack. Only counters that the
///          running kernel keeps; only CPUs that are present. What a counter means depends on the
///          kernel: docs/metrics.md.
/// Units:   packets or lookups since the network namespace was made; 32 bits in the kernel,
///          wrapping per CPU, so series are per CPU and summed in PromQL, where rate() takes a wrap
///          for a restart.
/// Errors:  kDenied or kAbsent where neither source can be read; kMalformed.
/// Threads and cost: any thread; some ten system calls, O(possible CPUs).
class StatCollector final : public Collector {
 public:
  explicit StatCollector(KernelAccess access) : access_(std::move(access)) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  KernelAccess access_;
  Recent<Result<kernel::CpuTopology>> topology_;
};

[[nodiscard]] CatalogueEntry StatEntry();

}  // namespace conntrack
