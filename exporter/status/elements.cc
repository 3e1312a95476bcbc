#include "exporter/status/elements.h"

#include <algorithm>

#include "diagnosis/format.h"

namespace conntrack::exporter::status {
namespace {

// The smallest visible bar.
constexpr double kLeastShare = 0.004;

Html Bar(double share, const std::string& tone) {
  const auto fill = share > 0 ? std::max(share, kLeastShare) : 0;
  return Element("svg", {{"class", tone.empty() ? "bar" : "bar " + tone}, {"aria-hidden", "true"}},
                 Element("rect", {{"width", Length(fill)}, {"height", "100%"}}, {}));
}

}  // namespace

std::string ToneOf(double share) {
  if (share >= kCriticalShare) return "critical";
  return share >= kWarningShare ? "warning" : "ok";
}

std::string Length(double share) { return Fixed(100 * std::clamp(share, 0.0, 1.0), 2) + "%"; }

Html Section(const std::string& title, const Html& content) {
  return Element("section", Element("h2", title) + content);
}

Html Figure(const std::string& text) { return Element("td", {{"class", "figure"}}, text); }

Html NameOnBar(const std::string& name, double share, const std::string& tone) {
  return Element("th", {{"scope", "row"}, {"class", "on-bar"}},
                 Bar(share, tone) + Element("span", name));
}

Html HeadRow(const std::string& title, std::initializer_list<const char*> columns) {
  auto cells = Element("th", {{"scope", "col"}}, Element("h2", title));
  for (const auto* column : columns) {
    cells += Element("th", {{"scope", "col"}, {"class", "figure"}}, column);
  }
  return Element("tr", cells);
}

Html FlowTable(const std::string& title, std::initializer_list<const char*> columns,
               const std::vector<FlowRow>& rows, std::uint64_t all) {
  const bool more = columns.size() > 2;
  Html html;
  for (const auto& row : rows) {
    auto cells = NameOnBar(row.name, ShareOf(row.flows, all)) + Figure(Grouped(row.flows)) +
                 Figure(PercentOf(row.flows, all));
    if (row.others) {
      html += Element("tr", {{"class", "others"}}, cells);
    } else {
      html += Element("tr", more ? cells + Figure(row.more) : cells);
    }
  }
  return Table(HeadRow(title, columns), html);
}

Html Table(const Html& head, const Html& rows) {
  return Element("table", Element("thead", head) + Element("tbody", rows));
}

Html Unknown(const Error& why) {
  return Element("p", {{"class", "note"}},
                 Element("b", "unknown") + ": " + why.message + Remedy(why.remedy));
}

Html Remedy(const std::string& remedy) {
  if (remedy.empty()) return {};
  return " " + Element("span", {{"class", "remedy"}}, "→ " + remedy);
}

Html Chip(const std::string& tone, const std::string& word) {
  return Element("span", {{"class", "chip " + tone}}, word);
}

Html Note(const Html& content) { return Element("p", {{"class", "note"}}, content); }

double ShareOf(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace conntrack::exporter::status
