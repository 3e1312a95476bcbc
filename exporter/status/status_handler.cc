#include "exporter/status/status_handler.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "collectors/flows/flows_collector.h"
#include "collectors/stat_collector.h"
#include "exporter/status/history_json.h"
#include "exporter/status/status_page.h"
#include "exporter/web/pages/content_negotiation.h"
#include "kernel/text.h"

namespace conntrack::exporter::status {
namespace {

constexpr unsigned kLongestRefresh = 86400;
constexpr const char* kStat = "stat";
constexpr const char* kWrongRefresh = "refresh is a number of seconds from 1 to 86400.\n";

std::optional<unsigned> SecondsIn(std::string_view text) {
  const auto seconds = kernel::ParseNumber<unsigned>(text);
  return seconds && *seconds >= 1 && *seconds <= kLongestRefresh ? seconds : std::nullopt;
}

std::optional<kernel::ConntrackStat> ReadStat(ReadingScheduler& scheduler) {
  const auto deadline = std::chrono::steady_clock::now() + StatReadings::kInterval;
  const auto runs = scheduler.Read({kStat}, deadline);
  if (runs.empty() || !runs.front().outcome) return std::nullopt;
  const auto* read = runs.front().outcome->reading.As<StatReading>();
  return read == nullptr ? std::nullopt : std::optional(read->stat);
}

}  // namespace

StatusHandler::StatusHandler(ReadingScheduler& scheduler, StatusOptions options)
    : scheduler_(scheduler), options_(std::move(options)) {
  const auto names = scheduler_.names();
  if (std::find(names.begin(), names.end(), kStat) == names.end()) return;
  history_.emplace([this] {
    auto stat = ReadStat(scheduler_);
    if (stat) options_.history->AddStat(std::chrono::steady_clock::now(), *stat, options_.release);
    return stat;
  });
}

web::HttpResponse StatusHandler::Handle(const web::HttpRequest& request) {
  const auto parameters = web::ParseQuery(request.query);
  if (!parameters) return web::PlainText(400, "The query has invalid percent-encoding.\n");
  std::optional<unsigned> refresh;
  for (const auto& [name, value] : *parameters) {
    if (name != "refresh") continue;
    refresh = SecondsIn(value);
    if (!refresh) return web::PlainText(400, kWrongRefresh);
  }
  web::HttpResponse response{200,
                             "text/html; charset=utf-8",
                             Page(refresh),
                             {{"Content-Security-Policy", std::string(StatusPagePolicy())},
                              {"Referrer-Policy", "no-referrer"},
                              {"Cache-Control", "no-store"},
                              {"Vary", "Accept-Encoding"}}};
  web::CompressIfAccepted(request, response);
  return response;
}

web::HttpResponse StatusHandler::HandleHistory(const web::HttpRequest& request) const {
  web::HttpResponse response{200,
                             "application/json",
                             RenderHistoryJson(options_.heading(), options_.history->View()),
                             {{"Cache-Control", "no-store"}, {"Vary", "Accept-Encoding"}}};
  web::CompressIfAccepted(request, response);
  return response;
}

void RecordWalk(const std::vector<CollectorRun>& runs, DayHistory& history) {
  for (const auto& run : runs) {
    if (!run.outcome) continue;
    if (const auto* flows = run.outcome->reading.As<FlowsReading>()) {
      history.AddWalk(*flows->snapshot);
    }
  }
}

std::string StatusHandler::Page(std::optional<unsigned> refresh_seconds) {
  const auto runs =
      scheduler_.Read(scheduler_.names(), std::chrono::steady_clock::now() + kPatience);
  RecordWalk(runs, *options_.history);
  StatusPage page;
  page.day = options_.history->View();
  page.heading = options_.heading();
  page.version = options_.version;
  page.telemetry_path = options_.telemetry_path;
  page.refresh_seconds = refresh_seconds;
  const auto growth_to = [this](const kernel::ConntrackStat& stat) {
    return history_ ? history_->GrowthTo(stat) : std::nullopt;
  };
  AddRuns(runs, options_.left_out, options_.release, *options_.presence, options_.place, growth_to,
          page);
  return RenderStatusPage(page);
}

}  // namespace conntrack::exporter::status
