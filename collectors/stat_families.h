// The kernel's counters as metric families, and back.
#pragma once

#include <optional>
#include <vector>

#include "collectors/metric.h"
#include "kernel/proc/conntrack_stat.h"

namespace conntrack {

/// \brief  A family for each counter that this kernel keeps, with a sample for each CPU.
/// Threads and cost: pure.
[[nodiscard]] std::vector<Family> StatFamilies(const kernel::ConntrackStat& stat);

/// \brief  The counters that StatFamilies() made these families of, whatever else is among them;
/// nothing where there is none.
/// Threads and cost: pure.
[[nodiscard]] std::optional<kernel::ConntrackStat> StatOf(const std::vector<Family>& families);

}  // namespace conntrack
