#include <string>

#include "diagnosis/format.h"
#include "exporter/status/sections.h"
#include "exporter/status/status_page.h"
#include "exporter/status/style.h"

namespace conntrack::exporter::status {
namespace {

// A walk of the table that is under way will mostly be done by then.
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

}  // namespace

std::string RenderStatusPage(const StatusPage& page) {
  const auto two_columns =
      Element("div", {{"class", "columns"}},
              Element("div", States(page) + Timeouts(page)) +
                  Element("div", Losses(page) + Protocols(page) + Drift(page)));
  auto main = Usage(page) + Tiles(page) + Diagnosis(page);
  if (page.waiting) {
    main += Element("p", {{"class", "waiting"}, {"role", "status"}},
                    "The table is being counted; the page comes again by itself.");
  }
  main += two_columns + Talkers(page) + SnatPorts(page) + Collectors(page);
  return Html::Document(Head(page), Header(page) + Element("main", main) + Links(page));
}

std::string_view StatusPageStyle() { return Literal(kStyle).text(); }

std::string_view StatusPagePolicy() { return kPolicy; }

}  // namespace conntrack::exporter::status
