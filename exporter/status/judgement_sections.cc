#include <string>

#include "diagnosis/findings.h"
#include "exporter/commands/report/blocks.h"
#include "exporter/status/parts.h"
#include "exporter/status/sections.h"

namespace conntrack::exporter::status {
namespace {

Html Chip(const std::string& tone, const std::string& word) {
  return Element("span", {{"class", "chip " + tone}}, word);
}

Html Item(const Finding& finding) {
  const std::string severity(ToString(finding.severity));
  auto words =
      Element("p", Element("b", finding.headline) + " " + Element("code", std::string(finding.id)));
  if (!finding.evidence.empty()) words += Note(report::Joined(finding.evidence, "; "));
  if (!finding.next.empty()) words += Note(Remedy(finding.next));
  return Element("li", Chip(severity, severity) + Element("div", words));
}

}  // namespace

Html Diagnosis(const StatusPage& page) {
  Html items;
  for (const auto& finding : page.findings) items += Item(finding);
  return Section("Diagnosis", Element("ul", {{"class", "findings"}}, items));
}

Html Drift(const StatusPage& page) {
  constexpr const char* kTitle = "Settings after a boot";
  if (!page.situation.drift) {
    return Section(kTitle, Unknown(WhyMissing(page.collectors, "persistence", "conntrack_")));
  }
  const auto& drift = *page.situation.drift;
  if (drift.empty()) {
    return Section(kTitle, Note("The boot files keep every setting that could be judged."));
  }
  Html items;
  for (const auto& figure : drift) {
    items += Element("li", Element("code", figure.setting) + ": " + Describe(figure));
  }
  return Section(kTitle, Element("ul", {{"class", "plain"}}, items) +
                             Note(Remedy("conntrack_exporter advise: the files that keep them")));
}

}  // namespace conntrack::exporter::status
