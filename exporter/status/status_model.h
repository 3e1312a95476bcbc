// From one run of the collectors to what the page shows.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "diagnosis/stat_history.h"
#include "exporter/metrics/scraper.h"
#include "exporter/status/status_page.h"
#include "kernel/proc/machine.h"

namespace conntrack::exporter::status {

/// What the counters have grown by lately, up to this reading.
using GrowthTo = std::function<std::optional<StatGrowth>(const kernel::ConntrackStat&)>;

/// \brief  Fills in situation, findings, health, and whether newer figures are under way.
/// Threads and cost: pure.
void AddRuns(const std::vector<CollectorRun>& runs, const std::vector<LeftOut>& left_out,
             std::optional<kernel::KernelRelease> release, const GrowthTo& growth_to,
             StatusPage& page);

}  // namespace conntrack::exporter::status
