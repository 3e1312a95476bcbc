#include "exporter/status/status_model.h"

#include <algorithm>

#include "collectors/stat_families.h"
#include "diagnosis/scraped_situation.h"

namespace conntrack::exporter::status {
namespace {

// Counts of a table that is walked as often as the share of a CPU allows are younger than that.
constexpr double kOldSeconds = 60;
constexpr double kOldWalks = 20;

/// A walk has been asked for, and what there is without it is nothing, or old.
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
             std::optional<kernel::KernelRelease> release, const GrowthTo& growth_to,
             StatusPage& page) {
  std::vector<Family> families;
  for (const auto& run : runs) {
    if (!run.outcome) continue;
    families.insert(families.end(), run.outcome->families.begin(), run.outcome->families.end());
  }
  page.situation = SituationOf(families, release);
  if (const auto stat = StatOf(families); stat && growth_to) {
    if (const auto growth = growth_to(*stat)) {
      page.situation.loss_recently =
          LossFigures{SplitLoss(growth->totals, release), growth->seconds};
    }
  }
  page.findings = Diagnose(page.situation);
  page.collectors = HealthOf(runs, left_out);
  page.waiting = IsWaiting(page);
}

}  // namespace conntrack::exporter::status
