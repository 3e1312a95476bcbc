#include "exporter/status/status_page.h"

#include <algorithm>

#include "collectors/stat_collector.h"

namespace conntrack::exporter::status {
namespace {

// Counts are younger than this if the table is walked as often as the CPU share allows.
constexpr double kOldSeconds = 60;
constexpr double kOldWalks = 20;

/// Whether a walk has been requested, and the current counts are missing or old.
bool IsWaiting(const StatusPage& page) {
  if (const auto& flows = page.situation.flows) {
    return flows->age_seconds.value_or(0) >
           std::max(kOldSeconds, kOldWalks * flows->walk_seconds.value_or(0));
  }
  const auto waits = [](const CollectorHealth& health) {
    return health.state == HealthState::kWaiting;
  };
  return std::any_of(page.collectors.begin(), page.collectors.end(), waits);
}

}  // namespace

void AddRuns(const std::vector<CollectorRun>& runs, const std::vector<LeftOut>& left_out,
             std::optional<kernel::KernelRelease> release, const kernel::Presence& presence,
             const kernel::Place& place, const GrowthTo& growth_to, StatusPage& page) {
  std::vector<Reading> readings;
  for (const auto& run : runs) {
    if (run.outcome) readings.push_back(run.outcome->reading);
  }
  page.situation = SituationOf(readings, release);
  page.situation.place = place;
  AddPresence(presence, page.situation);
  if (page.situation.drift) {
    // The page shows the values after a boot only; `report` also shows the running values.
    for (auto& drift : *page.situation.drift) drift.running.reset();
  }
  if (const auto* read = ReadingOf<StatReading>(readings); read != nullptr && growth_to) {
    if (const auto growth = growth_to(read->stat)) {
      page.situation.loss_recently =
          LossFigures{SplitLoss(growth->totals, release), growth->seconds};
    }
  }
  page.findings = Diagnose(page.situation);
  page.collectors = HealthOf(runs, left_out);
  page.waiting = IsWaiting(page);
}

}  // namespace conntrack::exporter::status
