#include "exporter/metrics/scraper.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "exporter/process/log.h"

namespace conntrack::exporter {
namespace {

/// What is the same for as long as nothing changed: the numbers in a message may differ at every
/// scrape.
std::string StateOf(const Result<Collection>& outcome) {
  if (!outcome) {
    return "failed " + std::string(ToString(outcome.error().kind)) + " " +
           std::to_string(outcome.error().code);
  }
  std::string state = "ok " + outcome->source;
  if (outcome->why_this_source) {
    state += " because " + std::string(ToString(outcome->why_this_source->kind));
  }
  for (const auto& omission : outcome->omissions) {
    state += " without " + omission.part + " " + std::string(ToString(omission.reason.kind));
  }
  return state;
}

void LogError(log::Level level, std::string_view message, log::Field first, log::Field second,
              const Error& error) {
  if (error.remedy.empty()) {
    log::Write(level, message, {first, second, {"err", error.message}});
  } else {
    log::Write(level, message, {first, second, {"err", error.message}, {"remedy", error.remedy}});
  }
}

/// The outcome of one collector, whatever it throws.
Result<Collection> Caught(Collector& collector, const ScrapeContext& context) {
  try {
    return collector.Collect(context);
  } catch (const std::exception& exception) {
    return Fail(ErrorKind::kIo, std::string("thrown: ") + exception.what(),
                "please report this as a bug");
  } catch (...) {
    return Fail(ErrorKind::kIo, "thrown: not an exception of the standard library",
                "please report this as a bug");
  }
}

}  // namespace

Scraper::Scraper(std::vector<NamedCollector> collectors) : collectors_(std::move(collectors)) {}

std::vector<std::string> Scraper::names() const {
  std::vector<std::string> names;
  for (const auto& entry : collectors_) names.push_back(entry.name);
  return names;
}

std::vector<CollectorRun> Scraper::Run(const std::vector<std::string>& names,
                                       ScrapeContext context) {
  context.stop = stop_.get_token();
  std::vector<CollectorRun> runs;
  for (auto& entry : collectors_) {
    if (std::find(names.begin(), names.end(), entry.name) == names.end()) continue;
    const auto began = std::chrono::steady_clock::now();
    auto outcome = Collect(*entry.collector, context);
    const auto took = std::chrono::steady_clock::now() - began;
    LogChange(entry.name, outcome);
    runs.push_back({entry.name, took, std::move(outcome)});
  }
  return runs;
}

std::vector<Family> Scraper::Scrape(const std::vector<std::string>& names, ScrapeContext context) {
  Family durations{"conntrack_scrape_collector_duration_seconds",
                   "Time that a collector took in this scrape.",
                   MetricType::kGauge,
                   {}};
  Family successes{
      "conntrack_scrape_collector_success",
      "1 where a collector could read what it needs, 0 where it is missing from this scrape.",
      MetricType::kGauge,
      {}};
  std::vector<Family> families;
  for (auto& [name, took, outcome] : Run(names, std::move(context))) {
    durations.samples.push_back({{{"collector", name}}, took.count()});
    successes.samples.push_back({{{"collector", name}}, outcome ? 1.0 : 0.0});
    if (outcome)
      std::move(outcome->families.begin(), outcome->families.end(), std::back_inserter(families));
  }
  families.push_back(std::move(durations));
  families.push_back(std::move(successes));
  return families;
}

Result<Collection> Scraper::Collect(Collector& collector, const ScrapeContext& context) {
  const auto noted = [this] {
    const std::lock_guard lock(mutex_);
    return under_way_.insert(std::chrono::steady_clock::now());
  }();
  auto outcome = Caught(collector, context);
  const std::lock_guard lock(mutex_);
  under_way_.erase(noted);
  return outcome;
}

std::chrono::steady_clock::duration Scraper::longest_under_way() const {
  const std::lock_guard lock(mutex_);
  if (under_way_.empty()) return {};
  return std::chrono::steady_clock::now() - *under_way_.begin();
}

void Scraper::LogChange(const std::string& name, const Result<Collection>& outcome) {
  auto state = StateOf(outcome);
  {
    const std::lock_guard lock(mutex_);
    auto& last = last_state_[name];
    if (last == state) return;
    last = std::move(state);
  }
  if (!outcome) {
    LogError(log::Level::kWarn, "collector failed", {"collector", name},
             {"kind", ToString(outcome.error().kind)}, outcome.error());
    return;
  }
  if (outcome->why_this_source) {
    LogError(log::Level::kInfo, "collector reads, and not from its preferred source",
             {"collector", name}, {"source", outcome->source}, *outcome->why_this_source);
  } else {
    log::Info("collector reads", {{"collector", name}, {"source", outcome->source}});
  }
  for (const auto& omission : outcome->omissions) {
    LogError(log::Level::kInfo, "left out", {"collector", name}, {"part", omission.part},
             omission.reason);
  }
}

}  // namespace conntrack::exporter
