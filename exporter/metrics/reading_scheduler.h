// Readings of collectors, shared by all who ask for them.
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

/// How a reading ended. Copies share it.
class Outcome {
 public:
  // NOLINTBEGIN(google-explicit-constructor)
  Outcome(Result<Collection> result)
      : result_(std::make_shared<const Result<Collection>>(std::move(result))) {}
  Outcome(Collection collection) : Outcome(Result<Collection>(std::move(collection))) {}
  Outcome(tl::unexpected<Error> error) : Outcome(Result<Collection>(std::move(error))) {}
  // NOLINTEND(google-explicit-constructor)

  explicit operator bool() const { return result_->has_value(); }
  /// There is nothing to read: neither a reading nor a failure.
  [[nodiscard]] bool not_loaded() const { return !*this && error().kind == ErrorKind::kNotLoaded; }
  [[nodiscard]] const Collection* operator->() const { return &result_->value(); }
  [[nodiscard]] const Collection& operator*() const { return result_->value(); }
  [[nodiscard]] const Error& error() const { return result_->error(); }

 private:
  std::shared_ptr<const Result<Collection>> result_;
};

/// What one scrape gets from one collector.
struct CollectorRun {
  std::string name;
  std::chrono::duration<double> took{};  ///< By the reading; until now if it is not done.
  Outcome outcome;
  std::chrono::duration<double> age{};  ///< 0 if the reading was made for this scrape.
};

/// \brief  Runs collectors for scrapes: all of a scrape at once, on threads of its own.
///
/// A collector has at most one reading under way, which all who ask meanwhile share. It goes on
/// when the time of an asker is up. Each asker gets, by its own deadline:
/// - a reading that was done in time, or one that is younger than the collector's `max_age`;
/// - otherwise, from a collector with a `max_age`, its last good reading, for up to kKeptFor;
/// - otherwise kTimeout.
/// A collector that hangs takes up one thread and delays no other; after kHangsAfter no scrape waits
/// for it. One that throws has failed. The log names a collector once when it hangs, once for each
/// change of its state, and at most every ten minutes when it was not done in time. That there is
/// nothing for it to read is for PresenceWatch to say, once for all of them.
/// Errors:  the constructor throws kernel::ThreadError.
/// Threads: any number of askers at once. At rest it has kSpareThreads threads of its own, at most
///          one for each collector.
class ReadingScheduler {
 public:
  using Duration = std::chrono::steady_clock::duration;
  using Time = std::chrono::steady_clock::time_point;
  using Clock = std::function<Time()>;

  static constexpr std::size_t kSpareThreads = 3;
  static constexpr std::chrono::seconds kKeptFor{60};
  /// A reading that has been under way for so long is said to hang.
  static constexpr std::chrono::seconds kHangsAfter{10};
  /// The deadline that collectors get for a reading. Not all of them can keep it.
  static constexpr std::chrono::seconds kLongestReading{60};

  /// Whether changes of a collector's state are logged: a command shows them itself.
  enum class Log { kChanges, kNothing };

  /// `clock` tells how old readings are; waiting is in real time.
  explicit ReadingScheduler(std::vector<NamedCollector> collectors, Log log = Log::kChanges,
                            Clock clock = std::chrono::steady_clock::now);
  ReadingScheduler(const ReadingScheduler&) = delete;
  ReadingScheduler& operator=(const ReadingScheduler&) = delete;
  /// Asks readings to end. Those that have not ended after a second are left behind.
  ~ReadingScheduler();

  /// The collectors that are on, in the order of the catalogue.
  [[nodiscard]] std::vector<std::string> names() const;

  /// Readings of the named collectors, in the order of the catalogue. Names that are not on are
  /// ignored.
  [[nodiscard]] std::vector<CollectorRun> Read(const std::vector<std::string>& names,
                                               Time deadline);

  struct UnderWay {
    std::string collector;
    Duration since{};
  };
  /// The oldest reading, or walk of the table, that is under way.
  [[nodiscard]] std::optional<UnderWay> OldestUnderWay() const;

  /// From now on nobody waits: askers get what there is. For the end of the process.
  void Stop();

 private:
  class Source;
  class State;

  const std::shared_ptr<State> state_;  ///< Shared with the threads, which may be left behind.
};

/// conntrack_scrape_collector_{duration_seconds,success,reading_age_seconds}.
[[nodiscard]] std::vector<Family> HealthFamilies(const std::vector<CollectorRun>& runs);

/// Copies of all families of a scrape, then HealthFamilies().
[[nodiscard]] std::vector<Family> FamiliesOf(const std::vector<CollectorRun>& runs);

}  // namespace conntrack::exporter
