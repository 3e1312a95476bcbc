// The contract of a collector.
#pragma once

#include <any>
#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "collectors/metric.h"
#include "kernel/result.h"

namespace conntrack {

struct CatalogueEntry;  // collectors/catalogue_entry.h

/// A part that a collector had to leave out although it could read the rest.
struct Omission {
  std::string part;  ///< What is missing from the output: "conntrack_expectations".
  Error reason;

  friend bool operator==(const Omission&, const Omission&) = default;
};

/// The value; where it could not be read, nothing, and an omission that says why.
template <class T>
[[nodiscard]] std::optional<T> ValueOrOmit(Result<T> value, std::string part,
                                           std::vector<Omission>& omissions) {
  if (value) return *std::move(value);
  omissions.push_back({std::move(part), std::move(value.error())});
  return std::nullopt;
}

/// What a collector read, as plain figures, found by their type: `TableReading`, ...
class Reading {
 public:
  Reading() = default;
  template <class R>
  // NOLINTNEXTLINE(google-explicit-constructor)
  Reading(std::shared_ptr<const R> figures) : figures_(std::move(figures)) {}

  /// Null where it is of another type, or empty.
  template <class R>
  [[nodiscard]] const R* As() const {
    const auto* figures = std::any_cast<std::shared_ptr<const R>>(&figures_);
    return figures == nullptr ? nullptr : figures->get();
  }

 private:
  std::any figures_;
};

/// The reading of that type; null where there is none.
template <class R>
[[nodiscard]] const R* ReadingOf(const std::vector<Reading>& readings) {
  for (const auto& reading : readings) {
    if (const auto* figures = reading.As<R>()) return figures;
  }
  return nullptr;
}

/// The whole yield of one collector at one moment.
struct Collection {
  std::vector<Family> families;
  std::vector<Omission> omissions;
  std::string source;  ///< Where the figures came from, for `check`: "ctnetlink", "procfs", ...
  std::optional<Error> why_this_source = {};  ///< Where it is not the one that is preferred.
  Reading reading = {};                       ///< Empty where only /metrics shows the figures.
};

/// How long a collector may take.
struct ScrapeContext {
  std::chrono::steady_clock::time_point deadline;  ///< Answer by then with what there is.
  std::stop_token stop = {};  ///< Asks to answer at once, because the process ends.
};

/// \brief  Reads one subject of connection tracking and turns it into metric families. A
/// constructed collector is usable. It reads first and builds families after, so that it yields all
/// or an error; a part that this kernel does not have is named in `omissions`, and never zero.
/// Errors:  any; exporter/metrics/reading_scheduler.h turns them, and exceptions, into success = 0.
///          kNotLoaded is a state and no failure: there is nothing to read.
/// Threads: Collect() is called by one thread at a time, and scrapes share its reading. If
///          WaitsFor() yields something, several scrapes call Collect() at once.
class Collector {
 public:
  virtual ~Collector() = default;

  [[nodiscard]] virtual Result<Collection> Collect(const ScrapeContext& context) = 0;

  /// For collectors that read nothing themselves but wait for a walk by another thread: for how
  /// long that has been under way, 0 if it is not. Each scrape then calls Collect() itself, with
  /// its own deadline. All other collectors yield nothing.
  [[nodiscard]] virtual std::optional<std::chrono::steady_clock::duration> WaitsFor() const {
    return std::nullopt;
  }
};

/// A collector under the name that its flag and its health metrics have.
struct NamedCollector {
  std::string name;
  std::unique_ptr<Collector> collector;
  /// How long a reading serves further scrapes; 0: each scrape reads anew.
  std::chrono::nanoseconds max_age{0};
};

}  // namespace conntrack
