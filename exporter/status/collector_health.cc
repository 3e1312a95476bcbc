#include "exporter/status/status_page.h"

#include <algorithm>
#include <array>
#include <utility>

namespace conntrack::exporter::status {
namespace {

void Judge(const CollectorRun& run, CollectorHealth& health) {
  health.seconds = run.took.count();
  if (!run.outcome) {
    health.error = run.outcome.error();
    health.state = HealthState::kFailed;
    if (run.outcome.not_loaded()) health.state = HealthState::kNotLoaded;
    if (health.error->kind == ErrorKind::kTimeout) {
      health.state = HealthState::kWaiting;
      // The remedy is for scrapes and does not help readers of the page.
      health.error->remedy.clear();
    }
    return;
  }
  health.source = run.outcome->source;
  health.omissions = run.outcome->omissions;
  health.state = health.omissions.empty() ? HealthState::kOk : HealthState::kPartly;
}

}  // namespace

std::string_view ToString(HealthState state) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "ok", "partly", "waiting", "failed", "not loaded", "left out", "off"};
  return kNames[static_cast<std::size_t>(state)];
}

std::vector<CollectorHealth> HealthOf(const std::vector<CollectorRun>& runs,
                                      const std::vector<LeftOut>& left_out) {
  std::vector<CollectorHealth> all;
  for (const auto& entry : Catalogue()) {
    CollectorHealth health{
        .name = std::string(entry.name), .summary = entry.summary, .needs = entry.needs};
    for (const auto& run : runs) {
      if (run.name == entry.name) Judge(run, health);
    }
    for (const auto& left : left_out) {
      if (left.name != entry.name) continue;
      health.state = HealthState::kLeftOut;
      health.error = left.reason;
    }
    all.push_back(std::move(health));
  }
  return all;
}

Error WhyMissing(const std::vector<CollectorHealth>& health, std::string_view collector,
                 std::string_view part) {
  const auto found = std::find_if(health.begin(), health.end(), [collector](const auto& entry) {
    return entry.name == collector;
  });
  const auto name = std::string(collector);
  if (found == health.end() || found->state == HealthState::kOff) {
    return {ErrorKind::kAbsent, 0, "the collector " + name + " is off", "--collector." + name};
  }
  if (found->error) return *found->error;
  for (const auto& omission : found->omissions) {
    if (omission.part.starts_with(part)) return omission.reason;
  }
  return {ErrorKind::kAbsent, 0, "the collector " + name + " does not tell", ""};
}

}  // namespace conntrack::exporter::status
