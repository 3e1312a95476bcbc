// Runs collectors for one scrape and reports on each of them.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "collectors/collector.h"

namespace conntrack::exporter {

/// How a collector fared in one scrape.
struct CollectorRun {
  std::string name;
  std::chrono::duration<double> took{};
  Result<Collection> outcome;
};

/// \brief  Runs collectors, times them, and catches what they throw.
///
/// One failing collector never hides another. A change of a collector's state is logged once, not
/// at every scrape.
/// Threads: Run() and Scrape() may be called by any number of threads at once.
class Scraper {
 public:
  explicit Scraper(std::vector<NamedCollector> collectors);

  /// The collectors that are on, in the order of the catalogue.
  [[nodiscard]] std::vector<std::string> names() const;

  /// Runs the named collectors. Names that are not on are ignored: the caller has refused them
  /// before.
  [[nodiscard]] std::vector<CollectorRun> Run(const std::vector<std::string>& names,
                                              ScrapeContext context);

  /// Their families, conntrack_scrape_collector_duration_seconds and
  /// conntrack_scrape_collector_success.
  [[nodiscard]] std::vector<Family> Scrape(const std::vector<std::string>& names,
                                           ScrapeContext context);

  /// How long the oldest collector run in progress has taken; 0 where there is none. For the
  /// watchdog.
  [[nodiscard]] std::chrono::steady_clock::duration longest_under_way() const;

  /// Makes scrapes that wait for the kernel answer at once, from now on: the process ends.
  void Stop() { stop_.request_stop(); }

 private:
  Result<Collection> Collect(Collector& collector, const ScrapeContext& context);
  void LogChange(const std::string& name, const Result<Collection>& outcome);

  std::vector<NamedCollector> collectors_;
  std::stop_source stop_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> last_state_;
  std::multiset<std::chrono::steady_clock::time_point> under_way_;  // when each of them began
};

}  // namespace conntrack::exporter
