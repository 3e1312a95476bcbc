#include <string>
#include <string_view>

#include "diagnosis/format.h"
#include "exporter/status/parts.h"
#include "exporter/status/sections.h"

namespace conntrack::exporter::status {
namespace {

constexpr std::string_view kNeedsNothing = "nothing";  // the word of the catalogue

const char* ToneOfHealth(HealthState state) {
  switch (state) {
    case HealthState::kOk:
      return "ok";
    case HealthState::kPartly:
    case HealthState::kWaiting:
      return "notice";
    case HealthState::kFailed:
      return "critical";
    case HealthState::kLeftOut:
    case HealthState::kOff:
      break;
  }
  return "muted";
}

Html Reason(const Error& error) { return error.message + Remedy(error.remedy); }

/// What there is to say about it: source and gaps, the error, or how to turn it on.
Html WordsFor(const CollectorHealth& health) {
  switch (health.state) {
    case HealthState::kOk:
      return health.summary + Html(" (" + health.source + ")");
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
    case HealthState::kWaiting:
    case HealthState::kLeftOut:
      return Reason(*health.error);
    case HealthState::kOff:
      break;
  }
  return health.summary + Remedy("--collector." + health.name);
}

/// "0.12 ms", "151 ms"
std::string Milliseconds(double seconds) {
  constexpr double kLeast = 0.01;
  const auto milliseconds = 1000 * seconds;
  if (milliseconds < kLeast) return "<0.01 ms";
  return Fixed(milliseconds, milliseconds < 10 ? 2 : 0) + " ms";
}

Html Row(const CollectorHealth& health) {
  const std::string state(ToString(health.state));
  const auto time = health.seconds ? Milliseconds(*health.seconds) : "";
  return Element(
      "tr",
      Element("th", {{"scope", "row"}}, health.name) +
          Element("td",
                  Element("span", {{"class", std::string("chip ") + ToneOfHealth(health.state)}},
                          state)) +
          Figure(time) + Element("td", {{"class", "note"}}, WordsFor(health)));
}

Html Link(const std::string& path, const char* meaning) {
  return Element("li", Element("a", {{"href", path}}, path) + " " + meaning);
}

}  // namespace

Html Collectors(const StatusPage& page) {
  Html rows;
  for (const auto& health : page.collectors) rows += Row(health);
  const auto column = [](const char* name, const char* kind) {
    return Element("th", {{"scope", "col"}, {"class", kind}}, name);
  };
  const auto head =
      Element("tr", Element("th", {{"scope", "col"}}, Element("h2", "Collectors")) +
                        column("state", "") + column("took", "figure") + column("", ""));
  return Element("section", {{"class", "collectors"}}, Table(head, rows));
}

Html Links(const StatusPage& page) {
  return Element(
      "footer",
      Element("ul", Link(page.telemetry_path, "these figures and more, for Prometheus") +
                        Link("/-/healthy", "whether this process answers") +
                        Link("/-/ready", "whether a scrape would yield metrics")) +
          Note("docs/status-page.md says where each figure is from, docs/report.md what each "
               "finding means. " +
               Element("code", "conntrack_exporter report") + " looks closer, on this host."));
}

}  // namespace conntrack::exporter::status
