// Readings of collectors, shared by concurrent scrapes.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collectors/collector.h"

namespace conntrack::exporter {

/// Result of a reading. Copies share it.
class Outcome {
 public:
  // NOLINTBEGIN(google-explicit-constructor)
  Outcome(Result<Collection> result)
      : result_(std::make_shared<const Result<Collection>>(std::move(result))) {}
  Outcome(Collection collection) : Outcome(Result<Collection>(std::move(collection))) {}
  Outcome(tl::unexpected<Error> error) : Outcome(Result<Collection>(std::move(error))) {}
  // NOLINTEND(google-explicit-constructor)

  explicit operator bool() const { return result_->has_value(); }
  /// Neither a reading nor a failure: the module that it reads is not loaded.
  [[nodiscard]] bool not_loaded() const { return !*this && error().kind == ErrorKind::kNotLoaded; }
  [[nodiscard]] const Collection* operator->() const { return &result_->value(); }
  [[nodiscard]] const Collection& operator*() const { return result_->value(); }
  [[nodiscard]] const Error& error() const { return result_->error(); }

 private:
  std::shared_ptr<const Result<Collection>> result_;
};

/// The result of one collector for one scrape.
struct CollectorRun {
  std::string name;
  std::chrono::duration<double> took{};  ///< Of the reading; until now if it is not done.
  Outcome outcome;
  std::chrono::duration<double> age{};  ///< 0 if the reading was made for this scrape.
};

/// \brief  Runs collectors for scrapes: all collectors of a scrape at once, on its own threads.
///
/// A collector has at most one reading in progress, which concurrent scrapes share. A reading
/// continues after the deadline of a scrape. By its deadline, each scrape gets:
/// - a reading that completed in time, or one younger than the collector's `max_age`;
/// - otherwise, from a collector with a `max_age`, its last good reading, for up to kKeptFor;
/// - otherwise kTimeout.
/// A collector that hangs occupies one thread and delays no other; after kHangsAfter no scrape
/// waits for it. A collector that throws has failed. The log names a collector once when it hangs,
/// once per change of its state, and at most every ten minutes when it missed a deadline.
/// PresenceWatch logs missing modules, once for all collectors.
/// Errors:  the constructor throws kernel::ThreadError.
/// Threads: any number of scrapes at once. At rest it has kSpareThreads threads, at most one per
/// collector.
class ReadingScheduler {
 public:
  using Duration = std::chrono::steady_clock::duration;
  using Time = std::chrono::steady_clock::time_point;
  using Clock = std::function<Time()>;

  static constexpr std::size_t kSpareThreads = 3;
  static constexpr std::chrono::seconds kKeptFor{60};
  /// A reading that takes longer is reported as hanging.
  static constexpr std::chrono::seconds kHangsAfter{10};
  /// The deadline that collectors get for a reading. Not all of them can keep it.
  static constexpr std::chrono::seconds kLongestReading{60};

  /// Whether to log changes of a collector's state. Commands print them instead.
  enum class Log { kChanges, kNothing };

  /// `clock` determines the age of readings; waiting uses real time.
  explicit ReadingScheduler(std::vector<NamedCollector> collectors, Log log = Log::kChanges,
                            Clock clock = std::chrono::steady_clock::now);
  ReadingScheduler(const ReadingScheduler&) = delete;
  ReadingScheduler& operator=(const ReadingScheduler&) = delete;
  /// Requests readings to stop. Readings that take longer than one second are abandoned.
  ~ReadingScheduler();

  /// Returns the enabled collectors, in the order of the catalogue.
  [[nodiscard]] std::vector<std::string> names() const;

  /// Returns readings of the named collectors, in the order of the catalogue. Ignores names of
  /// collectors that are off.
  [[nodiscard]] std::vector<CollectorRun> Read(const std::vector<std::string>& names,
                                               Time deadline);

  struct UnderWay {
    std::string collector;
    Duration since{};
  };
  /// Returns the oldest reading, or walk of the table, in progress.
  [[nodiscard]] std::optional<UnderWay> OldestUnderWay() const;

  /// Makes all current and later scrapes return what is available, without waiting. For the end of
  /// the process.
  void Stop();

 private:
  class Source;
  class State;

  const std::shared_ptr<State> state_;  ///< Shared with the threads, which may be abandoned.
};

/// Returns conntrack_scrape_collector_{duration_seconds,success,reading_age_seconds}.
[[nodiscard]] std::vector<Family> HealthFamilies(const std::vector<CollectorRun>& runs);

/// Returns copies of all families of a scrape, then HealthFamilies().
[[nodiscard]] std::vector<Family> FamiliesOf(const std::vector<CollectorRun>& runs);

}  // namespace conntrack::exporter
