// Answers "/" and "/history.json".
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collectors/catalogue.h"
#include "diagnosis/day_history.h"
#include "diagnosis/stat_history.h"
#include "exporter/commands/report/formats.h"
#include "exporter/metrics/reading_scheduler.h"
#include "exporter/web/server/http_message.h"
#include "kernel/place.h"
#include "kernel/proc/machine.h"
#include "kernel/proc/presence.h"

namespace conntrack::exporter::status {

struct StatusOptions {
  std::string version;
  std::string telemetry_path = "/metrics";
  std::vector<LeftOut> left_out = {};  ///< Collectors that are off because they cannot read.
  std::optional<kernel::KernelRelease> release = {};
  kernel::Place place = {};
  std::shared_ptr<const kernel::Presence> presence;  ///< Never null.
  std::shared_ptr<DayHistory> history = std::make_shared<DayHistory>();
  std::function<report::Heading()> heading = report::HeadingNow;
};

/// \brief  Shows what the collectors that are on yield, as a page for people.
///
/// It asks the collectors as a scrape does, so that a walk of the table is shared and costs no more
/// of a CPU. A reader does not wait for a walk: after kPatience the page shows the counts of the
/// last one with their age, or that there is none yet, and refreshes itself; with
/// `?refresh=SECONDS`, every so often.
/// Errors:  400 for a `refresh` that is not a number of seconds from 1 to 86400.
/// Threads: Handle() runs in any number of threads at once.
class StatusHandler {
 public:
  static constexpr std::chrono::milliseconds kPatience{150};

  /// `scheduler` outlives the handler.
  StatusHandler(ReadingScheduler& scheduler, StatusOptions options);

  [[nodiscard]] web::HttpResponse Handle(const web::HttpRequest& request);

  /// The last day as JSON, from what is known already.
  [[nodiscard]] web::HttpResponse HandleHistory(const web::HttpRequest& request) const;

 private:
  [[nodiscard]] std::string Page(std::optional<unsigned> refresh_seconds);

  ReadingScheduler& scheduler_;
  const StatusOptions options_;
  std::optional<StatHistory> history_;  // where the counters are read at all
};

/// Hands the history the walk that a scrape got, if it got one.
void RecordWalk(const std::vector<CollectorRun>& runs, DayHistory& history);

}  // namespace conntrack::exporter::status
