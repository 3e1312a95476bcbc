#include <array>
#include <string>

#include "diagnosis/format.h"
#include "exporter/status/elements.h"
#include "exporter/status/sections.h"
#include "exporter/status/status_page.h"
#include "exporter/status/style.h"

namespace conntrack::exporter::status {
namespace {

// Most walks of the table take less than this many seconds.
constexpr unsigned kSoon = 2;

std::string TitleOf(const StatusPage& page) {
  const auto use = UseOf(page.situation);
  return (use ? Percent(*use) + " " : "") + page.heading.host + " connection tracking";
}

Html Head(const StatusPage& page) {
  auto head = Html::Void("meta", {{"charset", "utf-8"}});
  head += Html::Void("meta",
                     {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  const auto refresh = page.refresh_seconds ? page.refresh_seconds
                       : page.waiting       ? std::optional(kSoon)
                                            : std::nullopt;
  if (refresh) {
    head += Html::Void("meta", {{"http-equiv", "refresh"}, {"content", std::to_string(*refresh)}});
  }
  head += Element("title", TitleOf(page));
  // Keeps browsers from requesting /favicon.ico.
  head += Html::Void("link", {{"rel", "icon"}, {"href", "data:,"}});
  head += Html::Style(kStyle);
  return head;
}

/// Refresh intervals to choose from, in seconds; 0: none.
constexpr std::array<unsigned, 4> kRefreshes = {0, 5, 15, 60};

Html RefreshLinks(const StatusPage& page) {
  Html links = "Refresh";
  for (const auto seconds : kRefreshes) {
    const auto word = seconds == 0 ? std::string("off") : std::to_string(seconds) + " s";
    const auto address = seconds == 0 ? "/" : "/?refresh=" + std::to_string(seconds);
    links += page.refresh_seconds.value_or(0) == seconds
                 ? Element("b", {{"aria-current", "true"}}, word)
                 : Element("a", {{"href", address}}, word);
  }
  return links;
}

/// Converts "2026-01-31T12:00:00Z" to "2026-01-31 12:00:00 UTC".
std::string Readable(std::string time) {
  const auto date_ends = time.find('T');
  if (date_ends == std::string::npos || !time.ends_with('Z')) return time;
  time[date_ends] = ' ';
  time.pop_back();
  return time + " UTC";
}

Html Header(const StatusPage& page) {
  const auto& [host, kernel, time] = page.heading;
  return Element(
      "header",
      Element("div", Element("h1", host) + Element("p", {{"class", "note"}},
                                                   "Connection tracking, Linux " + kernel +
                                                       ", conntrack_exporter " + page.version)) +
          Element("p", {{"class", "note when"}},
                  Element("time", {{"datetime", time}}, Readable(time)) +
                      Element("span", {{"class", "refresh"}}, RefreshLinks(page))));
}

Html Link(const std::string& path, const char* meaning) {
  return Element("li", Element("a", {{"href", path}}, path) + " " + meaning);
}

Html Footer(const StatusPage& page) {
  return Element(
      "footer",
      Element("ul", Link(page.telemetry_path, "metrics for Prometheus") +
                        Link("/history.json", "data of the last day, by minute") +
                        Link("/-/healthy", "health: the process answers, and no reading hangs") +
                        Link("/-/ready", "readiness: a scrape returns metrics")) +
          Note("docs/status-page.md explains the values, docs/report.md the findings. " +
               Element("code", "conntrack_exporter report") + " on this host shows more."));
}

}  // namespace

std::string RenderStatusPage(const StatusPage& page) {
  if (page.situation.no_table) {
    return Html::Document(
        Head(page), Header(page) + Element("main", Usage(page) + Collectors(page)) + Footer(page));
  }
  const auto two_columns =
      Element("div", {{"class", "columns"}},
              Element("div", States(page) + Timeouts(page)) +
                  Element("div", Losses(page) + Protocols(page) + Drift(page)));
  auto main = Usage(page) + Tiles(page) + Diagnosis(page);
  if (page.waiting) {
    main += Element("p", {{"class", "waiting"}, {"role", "status"}},
                    "The table is being counted; this page reloads by itself.");
  }
  main += two_columns + Talkers(page) + Workloads(page) + SnatPorts(page) + LastDay(page) +
          Collectors(page);
  return Html::Document(Head(page), Header(page) + Element("main", main) + Footer(page));
}

std::string_view StatusPageStyle() { return Literal(kStyle).text(); }

std::string_view StatusPagePolicy() { return kPolicy; }

}  // namespace conntrack::exporter::status
