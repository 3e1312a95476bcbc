// The interface of a collector.
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

/// A part that a collector left out because it could not read it.
struct Omission {
  std::string part;  ///< Missing part of the output: "conntrack_expectations".
  Error reason;

  friend bool operator==(const Omission&, const Omission&) = default;
};

/// Returns the value. If it is an error, returns std::nullopt and adds an omission with the reason.
template <class T>
[[nodiscard]] std::optional<T> ValueOrOmit(Result<T> value, std::string part,
                                           std::vector<Omission>& omissions) {
  if (value) return *std::move(value);
  omissions.push_back({std::move(part), std::move(value.error())});
  return std::nullopt;
}

/// The values that a collector read, as a struct, found by its type: `TableReading`, ...
class Reading {
 public:
  Reading() = default;
  template <class R>
  // NOLINTNEXTLINE(google-explicit-constructor)
  Reading(std::shared_ptr<const R> figures) : figures_(std::move(figures)) {}

  /// Returns the values; nullptr if they have another type or there are none.
  template <class R>
  [[nodiscard]] const R* As() const {
    const auto* figures = std::any_cast<std::shared_ptr<const R>>(&figures_);
    return figures == nullptr ? nullptr : figures->get();
  }

 private:
  std::any figures_;
};

/// Returns the first reading of that type; nullptr if there is none.
template <class R>
[[nodiscard]] const R* ReadingOf(const std::vector<Reading>& readings) {
  for (const auto& reading : readings) {
    if (const auto* figures = reading.As<R>()) return figures;
  }
  return nullptr;
}

/// The result of one collector at one time.
struct Collection {
  std::vector<Family> families;
  std::vector<Omission> omissions;
  std::string source;  ///< For `check`: where the values came from: "ctnetlink", "procfs", ...
  std::optional<Error> why_this_source = {};  ///< If it is not the preferred source.
  Reading reading = {};                       ///< Empty if only /metrics shows the values.
};

/// How long a collector may take.
struct ScrapeContext {
  std::chrono::steady_clock::time_point deadline;  ///< By then, return what there is.
  std::stop_token stop = {};                       ///< Return at once, because the process ends.
};

/// \brief  Reads one part of connection tracking and makes metric families of it. A constructed
///         collector is usable. It reads first and then builds families, so that it returns either
///         everything or an error. A part that this kernel does not have is listed in `omissions`;
///         it is never zero.
/// Errors:  any; exporter/metrics/reading_scheduler.h turns errors and exceptions into success = 0.
///          kNotLoaded is a state, not a failure: there is nothing to read.
/// Threads: Collect() is called by one thread at a time, and scrapes share the result. If
///          WaitsFor() returns a value, several scrapes call Collect() at once.
class Collector {
 public:
  virtual ~Collector() = default;

  [[nodiscard]] virtual Result<Collection> Collect(const ScrapeContext& context) = 0;

  /// For collectors that read nothing themselves, but wait for a walk by another thread: returns
  /// the time since the walk began, 0 if none is running. Each scrape then calls Collect() itself,
  /// with its own deadline. All other collectors return std::nullopt.
  [[nodiscard]] virtual std::optional<std::chrono::steady_clock::duration> WaitsFor() const {
    return std::nullopt;
  }
};

/// A collector with the name used in its flag and its health metrics.
struct NamedCollector {
  std::string name;
  std::unique_ptr<Collector> collector;
  /// For how long scrapes share a reading; 0: each scrape reads again.
  std::chrono::nanoseconds max_age{0};
};

}  // namespace conntrack
