#include <string>
#include <string_view>

#include "diagnosis/findings.h"
#include "diagnosis/format.h"
#include "exporter/status/elements.h"
#include "exporter/status/sections.h"

namespace conntrack::exporter::status {
namespace {

constexpr std::string_view kNeedsNothing = "nothing";  // value in the catalogue

Html FindingItem(const Finding& finding) {
  const std::string severity(ToString(finding.severity));
  auto words =
      Element("p", Element("b", finding.headline) + " " + Element("code", std::string(finding.id)));
  if (!finding.evidence.empty()) words += Note(Join(finding.evidence, "; "));
  if (!finding.next.empty()) words += Note(Remedy(finding.next));
  return Element("li", Chip(severity, severity) + Element("div", words));
}

using Figures = std::optional<std::uint64_t>;

Html Cell(const Figures& packets) { return Figure(packets ? Grouped(*packets) : "unknown"); }

/// Cells: packets since the start, recently, and recently per second.
template <class FigureOf>
Html LossRow(const Situation& situation, const std::string& name, const char* kind,
             FigureOf&& figure_of) {
  auto cells = Element("th", {{"scope", "row"}}, name);
  cells += Cell(figure_of(situation.loss_since_boot->packets));
  bool now = false;
  if (const auto& recently = situation.loss_recently) {
    const Figures packets = figure_of(recently->packets);
    const auto rate =
        packets ? std::optional(static_cast<double>(*packets) / *recently->seconds) : std::nullopt;
    cells += Cell(packets) + Figure(rate ? Fixed(*rate, 1) : "unknown");
    now = packets.value_or(0) > 0;
  }
  return Element("tr", {{"class", now ? std::string(kind) + " now" : std::string(kind)}}, cells);
}

const char* ToneOfHealth(HealthState state) {
  switch (state) {
    case HealthState::kOk:
      return "ok";
    case HealthState::kPartly:
    case HealthState::kWaiting:
      return "notice";
    case HealthState::kFailed:
      return "critical";
    default:
      return "muted";
  }
}

Html Reason(const Error& error) { return error.message + Remedy(error.remedy); }

/// Returns source and omissions, the error, or how to turn the collector on.
Html Description(const CollectorHealth& health) {
  switch (health.state) {
    case HealthState::kOk:
    case HealthState::kPartly: {
      auto words = Html(health.summary) + " (" + health.source + ")";
      for (const auto& omission : health.omissions) {
        words += Element("p", "without " + Html(omission.part) + ": " + Reason(omission.reason));
      }
      return words;
    }
    case HealthState::kFailed: {
      auto words = Reason(*health.error);
      if (health.needs != kNeedsNothing) {
        words += Element("p", "needs: " + std::string(health.needs));
      }
      return words;
    }
    case HealthState::kNotLoaded:
      return "nothing to read";
    case HealthState::kWaiting:
    case HealthState::kLeftOut:
      return Reason(*health.error);
    case HealthState::kOff:
      break;
  }
  return health.summary + Remedy("--collector." + health.name);
}

/// Returns "0.12 ms" or "151 ms".
std::string Milliseconds(double seconds) {
  constexpr double kLeast = 0.01;
  const auto milliseconds = 1000 * seconds;
  if (milliseconds < kLeast) return "<0.01 ms";
  return Fixed(milliseconds, milliseconds < 10 ? 2 : 0) + " ms";
}

Html CollectorRow(const CollectorHealth& health) {
  const auto time = health.seconds ? Milliseconds(*health.seconds) : "";
  return Element("tr", Element("th", {{"scope", "row"}}, health.name) +
                           Element("td", Chip(ToneOfHealth(health.state),
                                              std::string(ToString(health.state)))) +
                           Figure(time) + Element("td", {{"class", "note"}}, Description(health)));
}

}  // namespace

Html Diagnosis(const StatusPage& page) {
  Html items;
  for (const auto& finding : page.findings) items += FindingItem(finding);
  return Section("Diagnosis", Element("ul", {{"class", "findings"}}, items));
}

Html Losses(const StatusPage& page) {
  const auto& situation = page.situation;
  if (!situation.loss_since_boot) {
    return Section("Packets lost", Unknown(WhyMissing(page.collectors, "stat")));
  }
  Html rows;
  const auto add = [&](const char* name, const char* kind, auto&& figure_of) {
    rows += LossRow(situation, name, kind, figure_of);
  };
  add("table full", "lost", [](const LossByCause& l) { return l.table_full.packets; });
  add("chain too long", "lost", [](const LossByCause& l) { return l.chain_too_long.packets; });
  add("unresolved clash", "lost", [](const LossByCause& l) { return l.unresolved_clash.packets; });
  add("in all", "lost sum", [](const LossByCause& l) { return l.total.packets; });
  add("not lost: invalid", "others", [](const LossByCause& l) { return l.invalid; });
  add("not lost: entry evicted", "others", [](const LossByCause& l) { return l.evicted; });
  const auto seconds =
      situation.loss_recently ? Fixed(*situation.loss_recently->seconds, 0) : std::string();
  const auto last = "last " + seconds + " s";
  const auto head = situation.loss_recently
                        ? HeadRow("Packets lost", {"since start", last.c_str(), "per s"})
                        : HeadRow("Packets lost", {"since start"});
  auto html = Table(head, rows);
  for (const auto reason : UnknownReasons(situation.loss_since_boot->packets)) {
    html += Note("unknown: " + std::string(reason));
  }
  if (!situation.loss_recently) {
    html += Note("Current packet loss is known a few seconds after the start of the exporter.");
  }
  return Element("section", html);
}

Html Drift(const StatusPage& page) {
  constexpr const char* kTitle = "Settings after a boot";
  if (!page.situation.drift) {
    return Section(kTitle, Unknown(WhyMissing(page.collectors, "persistence")));
  }
  const auto& drift = *page.situation.drift;
  if (drift.empty()) {
    return Section(kTitle, Note("No setting that could be checked changes at the next boot."));
  }
  Html items;
  for (const auto& figure : drift) {
    items += Element("li", Element("code", figure.setting) + ": " + Describe(figure));
  }
  const auto remedy =
      RemedyBeforeModule(drift).value_or("conntrack_exporter advise: the files that keep them");
  return Section(kTitle, Element("ul", {{"class", "plain"}}, items) + Note(Remedy(remedy)));
}

Html Collectors(const StatusPage& page) {
  Html rows;
  for (const auto& health : page.collectors) rows += CollectorRow(health);
  const auto column = [](const char* name, const char* kind) {
    return Element("th", {{"scope", "col"}, {"class", kind}}, name);
  };
  const auto head =
      Element("tr", Element("th", {{"scope", "col"}}, Element("h2", "Collectors")) +
                        column("state", "") + column("took", "figure") + column("", ""));
  return Element("section", {{"class", "collectors"}}, Table(head, rows));
}

}  // namespace conntrack::exporter::status
