// The page at "/": its data and its HTML.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/catalogue.h"
#include "diagnosis/day_history.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/situation.h"
#include "diagnosis/stat_history.h"
#include "exporter/commands/report/formats.h"
#include "exporter/metrics/reading_scheduler.h"
#include "kernel/proc/machine.h"

namespace conntrack::exporter::status {

enum class HealthState {
  kOk,
  kPartly,     ///< On, some parts are left out.
  kWaiting,    ///< On, no figures yet.
  kFailed,     ///< On, cannot read what it needs.
  kNotLoaded,  ///< On, nothing to read.
  kLeftOut,    ///< Off, because it cannot read what it needs.
  kOff,
};

/// Returns "ok", "partly", "waiting", "failed", "not loaded", "left out" or "off".
[[nodiscard]] std::string_view ToString(HealthState state);

struct CollectorHealth {
  std::string name;
  HealthState state = HealthState::kOff;
  std::string_view summary;  ///< What it reports.
  std::string_view needs;
  std::optional<double> seconds = {};    ///< Duration of the reading; absent if off.
  std::string source = {};               ///< Where its figures came from.
  std::optional<Error> error = {};       ///< For kWaiting, kFailed, kNotLoaded and kLeftOut.
  std::vector<Omission> omissions = {};  ///< For kPartly.
};

/// \brief  Returns all collectors of the catalogue, in its order. Pure.
[[nodiscard]] std::vector<CollectorHealth> HealthOf(const std::vector<CollectorRun>& runs,
                                                    const std::vector<LeftOut>& left_out);

/// \brief  Returns why the figures of `collector` are missing: all of them, or the part with that
/// name in its omissions. The message is never empty; the remedy may be.
[[nodiscard]] Error WhyMissing(const std::vector<CollectorHealth>& health,
                               std::string_view collector, std::string_view part = {});

struct StatusPage {
  report::Heading heading;
  std::string version;
  std::string telemetry_path;
  std::optional<unsigned> refresh_seconds;  ///< Requested by the reader.
  bool waiting = false;                     ///< Newer figures are being read.
  Situation situation;
  std::vector<Finding> findings;
  std::vector<CollectorHealth> collectors;
  DayView day;
};

/// Returns the recent growth of the counters, up to this reading.
using GrowthTo = std::function<std::optional<StatGrowth>(const kernel::ConntrackStat&)>;

/// Sets situation, findings, health, and whether newer figures are being read.
void AddRuns(const std::vector<CollectorRun>& runs, const std::vector<LeftOut>& left_out,
             std::optional<kernel::KernelRelease> release, const kernel::Presence& presence,
             const kernel::Place& place, const GrowthTo& growth_to, StatusPage& page);

/// \brief  Returns the page as HTML.
///
/// It has no script and loads nothing. Bars are SVG with their lengths as attributes, because a
/// content security policy without inline styles forbids style attributes too. Unknown figures read
/// "unknown", with the reason and the remedy.
/// Threads and cost: pure; a few milliseconds, independent of the size of the table.
[[nodiscard]] std::string RenderStatusPage(const StatusPage& page);

/// Returns the style sheet exactly as in the page, for the content security policy.
[[nodiscard]] std::string_view StatusPageStyle();

/// Returns the Content-Security-Policy, which allows that style sheet and nothing else.
[[nodiscard]] std::string_view StatusPagePolicy();

}  // namespace conntrack::exporter::status
