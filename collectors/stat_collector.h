// conntrack_stat_*: kernel counters of packets; conntrack_flowtable_*.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "collectors/cached.h"
#include "collectors/collector.h"
#include "collectors/kernel_access.h"
#include "kernel/proc/conntrack_stat.h"
#include "kernel/proc/machine.h"

namespace conntrack {

struct StatReading {
  kernel::ConntrackStat stat;
  std::string_view source;  ///< "ctnetlink" or "procfs".
};

/// \brief  Reads the statistics file of /proc. Rows are numbered by `possible`, or from 0 if that
///         is empty.
/// Errors:  kAbsent if the kernel is built without CONFIG_NF_CONNTRACK_PROCFS; kMalformed.
[[nodiscard]] Result<kernel::ConntrackStat> ReadProcStat(
    const KernelAccess& access, const std::vector<std::uint32_t>& possible = {});

/// \brief  Returns the statistics of the CPUs that are present or have counted anything: over
///         ctnetlink if allowed, otherwise from /proc. Ctnetlink comes first because many kernels
///         are built without the file. CPUs that are possible but not plugged in have rows of
///         zeros, and are left out.
/// Errors:  those of both sources in one, with the kind and the remedy of ctnetlink.
/// Threads and cost: any thread; some ten system calls, O(possible CPUs).
[[nodiscard]] Result<StatReading> ReadStat(const KernelAccess& access,
                                           const Result<kernel::CpuTopology>& topology);

/// \brief  The kernel's counters of lookups, insertions and losses, per CPU. Also pending flowtable
///         tasks: see kernel/proc/flowtable_stat.h.
/// Source:  see ReadStat(). The meaning of a counter depends on the kernel: docs/metrics.md.
/// Units:   packets or lookups since the network namespace was created; 32 bits, wrapping per CPU.
///          So series are per CPU and summed in PromQL, where rate() treats a wrap as a restart.
/// Errors:  kDenied or kAbsent if neither source can be read; kMalformed.
/// Threads and cost: any thread; see ReadStat().
class StatCollector final : public Collector {
 public:
  explicit StatCollector(KernelAccess access) : access_(std::move(access)) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  KernelAccess access_;
  Cached<Result<kernel::CpuTopology>> topology_;
};

[[nodiscard]] CatalogueEntry StatEntry();

}  // namespace conntrack
