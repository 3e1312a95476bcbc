// The situation, from nothing but a scrape.
#pragma once

#include <optional>
#include <vector>

#include "collectors/metric.h"
#include "diagnosis/situation.h"
#include "kernel/proc/machine.h"

namespace conntrack {

/// \brief  What the families of one scrape tell: whoever shows it shows what /metrics says, and
/// costs the kernel no more than that scrape.
///
/// Source:  the names and labels of docs/metrics.md. `release` is that of the kernel which was
///          scraped; loss by cause needs it.
/// Errors:  families that are not there leave their figures absent. `missing` stays empty: why
///          something is missing, the collectors have said. Never there: idle flows, entries of
///          other namespaces, recent losses (stat_history.h), which one scrape does not tell.
/// Threads and cost: pure.
[[nodiscard]] Situation SituationOf(const std::vector<Family>& families,
                                    std::optional<kernel::KernelRelease> release);

}  // namespace conntrack
