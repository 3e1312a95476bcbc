// The page at "/": what it shows, and how it looks.
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
  kPartly,     ///< On, with something left out.
  kWaiting,    ///< On, and its figures are not there yet.
  kFailed,     ///< On, and could not read what it needs.
  kNotLoaded,  ///< On, and there is nothing to read.
  kLeftOut,    ///< Off, because it cannot read what it needs.
  kOff,
};

/// "ok", "partly", "waiting", "failed", "not loaded", "left out", "off"
[[nodiscard]] std::string_view ToString(HealthState state);

struct CollectorHealth {
  std::string name;
  HealthState state = HealthState::kOff;
  std::string_view summary;  ///< What it yields.
  std::string_view needs;
  std::optional<double> seconds = {};    ///< That it took; absent where it is off.
  std::string source = {};               ///< Where its figures came from.
  std::optional<Error> error = {};       ///< Of kWaiting, kFailed, kNotLoaded and kLeftOut.
  std::vector<Omission> omissions = {};  ///< Of kPartly.
};

/// \brief  All collectors of the catalogue, in its order. Pure.
[[nodiscard]] std::vector<CollectorHealth> HealthOf(const std::vector<CollectorRun>& runs,
                                                    const std::vector<LeftOut>& left_out);

/// \brief  Why what `collector` yields is missing: the whole, or the part that its omissions name
/// so. The message is never empty; the remedy may be.
[[nodiscard]] Error WhyMissing(const std::vector<CollectorHealth>& health,
                               std::string_view collector, std::string_view part = {});

struct StatusPage {
  report::Heading heading;
  std::string version;
  std::string telemetry_path;
  std::optional<unsigned> refresh_seconds;  ///< As the reader wants it.
  bool waiting = false;                     ///< Newer figures are being read.
  Situation situation;
  std::vector<Finding> findings;
  std::vector<CollectorHealth> collectors;
  DayView day;
};

/// What the counters have grown by lately, up to this reading.
using GrowthTo = std::function<std::optional<StatGrowth>(const kernel::ConntrackStat&)>;

/// Fills in situation, findings, health, and whether newer figures are under way.
void AddRuns(const std::vector<CollectorRun>& runs, const std::vector<LeftOut>& left_out,
             std::optional<kernel::KernelRelease> release, const kernel::Presence& presence,
             const kernel::Place& place, const GrowthTo& growth_to, StatusPage& page);

/// \brief  The page as HTML.
///
/// It has no script and loads nothing. Bars are SVG with their lengths as attributes, since a
/// content security policy without inline styles forbids style attributes too. What is not known is
/// "unknown", with the reason and the remedy.
/// Threads and cost: pure; a few milliseconds, whatever the size of the table.
[[nodiscard]] std::string RenderStatusPage(const StatusPage& page);

/// The style sheet of the page, to the byte; for the content security policy.
[[nodiscard]] std::string_view StatusPageStyle();

/// The Content-Security-Policy that allows it, and nothing else.
[[nodiscard]] std::string_view StatusPagePolicy();

}  // namespace conntrack::exporter::status
