// Handler of "/" and "/history.json".
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

/// \brief  Serves the results of the enabled collectors as a page for people.
///
/// It reads the collectors like a scrape, so a walk of the table is shared and costs no additional
/// CPU. Readers do not wait for a walk: after kPatience the page shows the counts of the last walk
/// with their age, or that there is none yet, and refreshes itself. With `?refresh=SECONDS`, it
/// always refreshes itself at that interval.
/// Errors:  400 if `refresh` is not a number of seconds from 1 to 86400.
/// Threads: Handle() runs in any number of threads at once.
class StatusHandler {
 public:
  static constexpr std::chrono::milliseconds kPatience{150};

  /// `scheduler` must outlive the handler.
  StatusHandler(ReadingScheduler& scheduler, StatusOptions options);

  [[nodiscard]] web::HttpResponse Handle(const web::HttpRequest& request);

  /// Returns the last day as JSON, without a new reading.
  [[nodiscard]] web::HttpResponse HandleHistory(const web::HttpRequest& request) const;

 private:
  [[nodiscard]] std::string Page(std::optional<unsigned> refresh_seconds);

  ReadingScheduler& scheduler_;
  const StatusOptions options_;
  std::optional<StatHistory> history_;  // if the counters are read at all
};

/// Adds the walk of a scrape to the history, if it has one.
void RecordWalk(const std::vector<CollectorRun>& runs, DayHistory& history);

}  // namespace conntrack::exporter::status
