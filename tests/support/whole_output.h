// Everything that the collectors yield on a capture, as the exporter would serve it.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/kernel_access.h"
#include "collectors/metric.h"
#include "collectors/sizing.h"
#include "exporter/metrics/reading_scheduler.h"

namespace conntrack::test {

/// A capture, by the name of its folder in tests/fixtures, and what netlink answers beside it.
struct Scenario {
  std::string golden;  ///< The name of its golden file.
  KernelAccess access;
  std::optional<SizingProfile> sizing_profile;

  friend void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.golden; }
};

/// Every capture without CAP_NET_ADMIN; one with a walk of the hash table; and the newest one with
/// CAP_NET_ADMIN and a small table.
[[nodiscard]] std::vector<Scenario> Scenarios();

/// One run of all collectors of the catalogue.
[[nodiscard]] std::vector<exporter::CollectorRun> WholeRun(const Scenario& scenario);

/// One scrape of all collectors of the catalogue.
[[nodiscard]] std::vector<Family> WholeOutput(const Scenario& scenario);

}  // namespace conntrack::test
