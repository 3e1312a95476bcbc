// The per-CPU statistics, from whichever source this process may read.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "collectors/kernel_access.h"
#include "kernel/proc/conntrack_stat.h"
#include "kernel/proc/machine.h"

namespace conntrack {

struct SourcedStat {
  kernel::ConntrackStat stat;
  std::string_view source;  ///< "ctnetlink" or "procfs".
};

/// \brief  The statistics file of /proc; rows are numbered by `possible`, or from 0 where that is
/// empty.
/// Errors:  kAbsent where the kernel is built without CONFIG_NF_CONNTRACK_PROCFS; kMalformed.
[[nodiscard]] Result<kernel::ConntrackStat> ReadProcStat(
    const KernelAccess& access, const std::vector<std::uint32_t>& possible = {});

/// \brief  The statistics of the CPUs that are present: over ctnetlink where it is allowed, from
/// /proc otherwise.
///
/// Ctnetlink first: many kernels are built without the file, and ctnetlink sends only what the
/// kernel still counts. CPUs that are possible but not plugged in have rows of zeros in both; they
/// are left out.
/// Errors:  of both sources in one, with the kind and the remedy of ctnetlink's.
/// Threads and cost: any thread; some ten system calls, O(possible CPUs).
[[nodiscard]] Result<SourcedStat> ReadStat(const KernelAccess& access,
                                           const Result<kernel::CpuTopology>& topology);

}  // namespace conntrack
