#include <array>
#include <string>

#include "diagnosis/format.h"
#include "exporter/status/elements.h"
#include "exporter/status/sections.h"
#include "exporter/status/status_page.h"
#include "exporter/status/style.h"

namespace conntrack::exporter::status {
namespace {

// Seconds in which most walks of the table end.
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
  // So that no browser asks for /favicon.ico.
  head += Html::Void("link", {{"rel", "icon"}, {"href", "data:,"}});
  head += Html::Style(kStyle);
  return head;
}

/// Seconds between refreshes, as the page offers them; 0: none.
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

/// "2026-01-31T12:00:00Z" as "2026-01-31 12:00:00 UTC".
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
      Element("ul", Link(page.telemetry_path, "these figures and more, for Prometheus") +
                        Link("/history.json", "the last day, by the minute") +
                        Link("/-/healthy", "whether this process answers and no reading hangs") +
                        Link("/-/ready", "whether a scrape would yield metrics")) +
          Note("docs/status-page.md says where each figure is from, docs/report.md what each "
               "finding means. " +
               Element("code", "conntrack_exporter report") + " looks closer, on this host."));
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
                    "The table is being counted; the page comes again by itself.");
  }
  main += two_columns + Talkers(page) + Workloads(page) + SnatPorts(page) + LastDay(page) +
          Collectors(page);
  return Html::Document(Head(page), Header(page) + Element("main", main) + Footer(page));
}

std::string_view StatusPageStyle() { return Literal(kStyle).text(); }

std::string_view StatusPagePolicy() { return kPolicy; }

}  // namespace conntrack::exporter::status
