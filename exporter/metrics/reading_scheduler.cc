#include "exporter/metrics/reading_scheduler.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <utility>

#include "exporter/process/log.h"
#include "kernel/thread.h"

namespace conntrack::exporter {
namespace {

using std::chrono::milliseconds;

/// Longer readings do not count as busy, so others get another thread.
constexpr milliseconds kQuick{100};
/// Maximum number of threads busy with readings that have been quick so far.
constexpr std::size_t kMostBusy = 4;
/// Interval at which a waiting scrape checks whether another thread is needed.
constexpr milliseconds kLookInterval{50};
/// If a scrape has less time than this and gets nothing, the collector may still be healthy.
constexpr milliseconds kPatient{400};
constexpr std::chrono::minutes kBetweenLate{10};
/// How long the destructor waits for readings to end.
constexpr std::chrono::seconds kPatienceAtEnd{1};

/// Stays the same as long as nothing has changed. Excludes messages, because numbers in them may
/// differ in every scrape.
std::string StateOf(const Outcome& outcome) {
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
  log::Write(level, message, {first, second, {"err", error.message}, {"remedy", error.remedy}});
}

void LogState(const std::string& name, const Outcome& outcome) {
  if (outcome.not_loaded()) return;
  if (!outcome) {
    LogError(log::Level::kWarn, "collector failed", {"collector", name},
             {"kind", ToString(outcome.error().kind)}, outcome.error());
    return;
  }
  if (outcome->why_this_source) {
    LogError(log::Level::kInfo, "collector uses a fallback source", {"collector", name},
             {"source", outcome->source}, *outcome->why_this_source);
  } else {
    log::Info("collector reads", {{"collector", name}, {"source", outcome->source}});
  }
  for (const auto& omission : outcome->omissions) {
    if (omission.reason.kind == ErrorKind::kNotLoaded) continue;
    LogError(log::Level::kInfo, "left out", {"collector", name}, {"part", omission.part},
             omission.reason);
  }
}

std::string WholeSeconds(ReadingScheduler::Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

constexpr const char* kHangRemedy =
    "find the file that hangs, often on FUSE (lxcfs) or NFS: /proc/PID/task/*/stack shows the "
    "system call";

}  // namespace

/// A collector and its readings.
class ReadingScheduler::Source {
 public:
  explicit Source(NamedCollector made) : collector(std::move(made)) {}

  /// A completed reading.
  struct Reading {
    Outcome outcome;
    Duration took;
    Time done_at;
  };

  const NamedCollector collector;
  // Guarded by the mutex of the state:
  bool under_way = false;
  bool begun = false;  ///< A thread reads; false while queued.
  bool said_to_hang = false;
  Time asked_at;
  Time begun_at;
  std::uint64_t readings = 0;  ///< Completed, successful or not.
  std::optional<Reading> last;
  std::optional<Reading> last_good;
  std::optional<Time> said_to_be_late;
  std::string logged;

  [[nodiscard]] const std::string& name() const { return collector.name; }

  [[nodiscard]] bool Hangs(Time now) const {
    return under_way && begun && now - begun_at >= kHangsAfter;
  }

  /// Whether to log that a scrape that waited got nothing.
  [[nodiscard]] bool IsLateNews(Time now) {
    if (said_to_be_late && now - *said_to_be_late < kBetweenLate) return false;
    said_to_be_late = now;
    return true;
  }

  /// Whether this outcome differs from the last logged one. If so, marks it as logged.
  [[nodiscard]] bool IsNews(const Outcome& outcome) {
    auto state = StateOf(outcome);
    if (logged == state) return false;
    logged = std::move(state);
    return true;
  }
};

class ReadingScheduler::State : public std::enable_shared_from_this<State> {
 public:
  State(std::vector<NamedCollector> collectors, Log logged, Clock now)
      : logs(logged == Log::kChanges), clock(std::move(now)) {
    for (auto& collector : collectors) {
      sources.push_back(std::make_unique<Source>(std::move(collector)));
    }
  }

  void StartThread() {
    kernel::StartThread("reading", [self = shared_from_this()](const std::stop_token&) {
      self->Work();
    }).detach();
    ++threads;
    ++idle;  // until it takes its first reading
  }

  // All functions below require the mutex, except Work() and RunWaiting().

  void Ask(Source& source) {
    if (source.under_way || IsFresh(source)) return;
    queue.push_back(&source);
    source.under_way = true;
    source.begun = false;
    source.asked_at = clock();
    queued.notify_one();
  }

  /// Starts threads, so that queued readings do not wait for a slow one.
  void ProvideThreads() {
    const auto now = clock();
    const auto busy = [&] {
      return std::count_if(sources.begin(), sources.end(), [&](const auto& source) {
        return source->begun && source->under_way && now - source->begun_at < kQuick;
      });
    };
    while (queue.size() > idle && static_cast<std::size_t>(busy()) + idle < kMostBusy) {
      try {
        StartThread();
        no_thread.reset();
      } catch (const kernel::ThreadError& failure) {  // the other threads continue
        no_thread = failure.error();
        return;
      } catch (const std::bad_alloc&) {
        return;
      }
    }
  }

  [[nodiscard]] bool IsFresh(const Source& source) const {
    return source.last && clock() - source.last->done_at < source.collector.max_age;
  }

  /// For a scrape past its deadline.
  [[nodiscard]] CollectorRun NotDone(const Source& source) const {
    const bool keeps = source.collector.max_age > source.collector.max_age.zero();
    if (keeps && source.last_good && clock() - source.last_good->done_at < kKeptFor) {
      return Old(source, *source.last_good);
    }
    const auto since = clock() - source.asked_at;
    return {source.name(), since, Fail(WhyNotDone(source, since))};
  }

  [[nodiscard]] CollectorRun Old(const Source& source, const Source::Reading& reading) const {
    return {source.name(), reading.took, reading.outcome, clock() - reading.done_at};
  }

  [[nodiscard]] Error WhyNotDone(const Source& source, Duration since) const {
    if (!source.begun && no_thread) return *no_thread;
    if (since >= kHangsAfter) {
      return {ErrorKind::kTimeout, 0, "the reading has hung for " + WholeSeconds(since),
              kHangRemedy};
    }
    return {ErrorKind::kTimeout, 0,
            "the reading did not finish in time; it continues in the background",
            "raise scrape_timeout"};
  }

  void Work() {
    std::unique_lock lock(mutex);
    while (true) {
      queued.wait(lock, [this] { return stopping || !queue.empty(); });
      --idle;
      while (!queue.empty()) {
        Source& source = *queue.front();
        queue.pop_front();
        source.begun = true;
        source.begun_at = clock();
        lock.unlock();
        ReadOnce(source);
        lock.lock();
      }
      if (stopping || idle >= kSpareThreads) break;
      ++idle;
    }
    --threads;
    ended.notify_all();
  }

  void ReadOnce(Source& source) {
    const auto began = std::chrono::steady_clock::now();
    auto outcome = OutcomeOf(source, began + kLongestReading);
    const auto took = std::chrono::steady_clock::now() - began;
    // Before scrapes get the outcome, so that the log already has what they return.
    try {
      LogEnd(source, outcome, took);
    } catch (...) {  // no memory for a log line
    }
    const std::lock_guard lock(mutex);
    source.last = Source::Reading{std::move(outcome), took, clock()};
    if (source.last->outcome) source.last_good = source.last;
    source.under_way = false;
    ++source.readings;
    answered.notify_all();
  }

  void LogEnd(Source& source, const Outcome& outcome, Duration took) {
    if (!logs) return;
    std::unique_lock lock(mutex);
    const bool hung = std::exchange(source.said_to_hang, false);
    const bool news = source.IsNews(outcome);
    lock.unlock();
    if (hung) {
      log::Info("collector answers again",
                {{"collector", source.name()}, {"after", WholeSeconds(took)}});
    }
    if (news) LogState(source.name(), outcome);
  }

  [[nodiscard]] Outcome OutcomeOf(const Source& source, Time deadline) const {
    try {
      return kernel::Caught([&] {
        return source.collector.collector->Collect({deadline, stop.get_token()});
      });
    } catch (...) {  // no memory even for the error
      return out_of_memory;
    }
  }

  /// For a collector that only waits; runs on the thread of the scrape.
  [[nodiscard]] CollectorRun RunWaiting(Source& source, Time deadline) {
    const auto began = std::chrono::steady_clock::now();
    CollectorRun run{source.name(), {}, OutcomeOf(source, deadline)};
    run.took = std::chrono::steady_clock::now() - began;
    // A missed deadline of one scrape says nothing about the collector.
    if (!run.outcome && run.outcome.error().kind == ErrorKind::kTimeout) return run;
    LogEnd(source, run.outcome, {});
    return run;
  }

  const bool logs;
  const Clock clock;
  std::vector<std::unique_ptr<Source>> sources;
  std::stop_source stop;
  const Outcome out_of_memory = Fail(ErrorKind::kIo, "out of memory", "allow more memory");

  std::mutex mutex;  // guards all below, and the sources
  std::condition_variable queued;
  std::condition_variable_any answered;
  std::condition_variable ended;
  std::deque<Source*> queue;
  std::size_t threads = 0;
  std::size_t idle = 0;            // number of idle threads
  std::optional<Error> no_thread;  // why the last thread failed to start
  bool stopping = false;
};

ReadingScheduler::ReadingScheduler(std::vector<NamedCollector> collectors, Log log, Clock clock)
    : state_(std::make_shared<State>(std::move(collectors), log, std::move(clock))) {
  const std::lock_guard lock(state_->mutex);
  while (state_->threads < std::min(kSpareThreads, state_->sources.size())) state_->StartThread();
}

ReadingScheduler::~ReadingScheduler() {
  Stop();
  std::unique_lock lock(state_->mutex);
  state_->stopping = true;
  state_->queue.clear();
  state_->queued.notify_all();
  state_->ended.wait_for(lock, kPatienceAtEnd, [this] { return state_->threads == 0; });
}

std::vector<std::string> ReadingScheduler::names() const {
  std::vector<std::string> names;
  for (const auto& source : state_->sources) names.push_back(source->name());
  return names;
}

std::vector<CollectorRun> ReadingScheduler::Read(const std::vector<std::string>& names,
                                                 Time deadline) {
  struct Asked {
    Source* source;
    std::uint64_t readings;  ///< Number of readings before.
    bool fresh;              ///< Younger than max_age.
    std::optional<CollectorRun> run;
  };
  const auto came = std::chrono::steady_clock::now();
  std::vector<Asked> all;
  std::unique_lock lock(state_->mutex);
  for (const auto& source : state_->sources) {
    if (std::ranges::find(names, source->name()) == names.end()) continue;
    const bool waits = source->collector.collector->WaitsFor().has_value();
    const bool fresh = !waits && state_->IsFresh(*source);
    all.push_back({source.get(), source->readings, fresh, {}});
    if (!waits) state_->Ask(*source);
  }
  state_->ProvideThreads();
  lock.unlock();

  for (auto& asked : all) {
    if (asked.source->collector.collector->WaitsFor()) {
      asked.run = state_->RunWaiting(*asked.source, deadline);
    }
  }

  lock.lock();
  const auto is_done = [](const Asked& asked) {
    return asked.run || asked.fresh || asked.source->readings != asked.readings;
  };
  // No scrape waits for a collector that already hangs.
  const auto all_done = [&] {
    const auto now = state_->clock();
    return std::ranges::all_of(
        all, [&](const Asked& asked) { return is_done(asked) || asked.source->Hangs(now); });
  };
  const auto token = state_->stop.get_token();
  while (!all_done() && !token.stop_requested() && std::chrono::steady_clock::now() < deadline) {
    const auto next = std::min(deadline, std::chrono::steady_clock::now() + kLookInterval);
    state_->answered.wait_until(lock, token, next, all_done);
    state_->ProvideThreads();
  }
  const auto now = state_->clock();
  const bool patient = deadline - came >= kPatient;
  std::vector<CollectorRun> runs;
  std::vector<std::string> hanging;
  std::vector<std::string> late;
  for (auto& asked : all) {
    auto& source = *asked.source;
    if (asked.run) {
      runs.push_back(std::move(*asked.run));
    } else if (source.readings != asked.readings) {
      runs.push_back({source.name(), source.last->took, source.last->outcome});
    } else if (asked.fresh) {
      runs.push_back(state_->Old(source, *source.last));
    } else {
      runs.push_back(state_->NotDone(source));
      if (source.Hangs(now) && !std::exchange(source.said_to_hang, true)) {
        hanging.push_back(source.name());
      }
    }
    const auto& outcome = runs.back().outcome;
    const bool missed = !outcome && outcome.error().kind == ErrorKind::kTimeout;
    if (missed && patient && !source.Hangs(now) && source.IsLateNews(now)) {
      late.push_back(source.name());
    }
  }
  lock.unlock();
  if (!state_->logs) return runs;
  for (const auto& name : hanging) {
    log::Warn("collector hangs", {{"collector", name}, {"remedy", kHangRemedy}});
  }
  for (const auto& name : late) {
    log::Warn("collector did not finish in time and is missing from a scrape",
              {{"collector", name}, {"remedy", "raise scrape_timeout"}});
  }
  return runs;
}

std::optional<ReadingScheduler::UnderWay> ReadingScheduler::OldestUnderWay() const {
  std::optional<UnderWay> oldest;
  const std::lock_guard lock(state_->mutex);
  for (const auto& source : state_->sources) {
    const auto walk = source->collector.collector->WaitsFor();
    const auto reading =
        source->under_way && source->begun ? state_->clock() - source->begun_at : Duration::zero();
    const auto since = walk.value_or(reading);
    if (since > (oldest ? oldest->since : Duration::zero())) {
      oldest = UnderWay{source->name(), since};
    }
  }
  return oldest;
}

void ReadingScheduler::Stop() { state_->stop.request_stop(); }

std::vector<Family> HealthFamilies(const std::vector<CollectorRun>& runs) {
  auto durations = Gauges("conntrack_scrape_collector_duration_seconds",
                          "Duration of the collector's reading that this scrape shows.");
  auto successes =
      Gauges("conntrack_scrape_collector_success",
             "1 if the collector succeeded, or has nothing to read because a module is not loaded; "
             "0 if it failed, so that its metrics are missing from this scrape.");
  auto ages = Gauges("conntrack_scrape_collector_reading_age_seconds",
                     "Age of the collector's reading that this scrape shows.");
  for (const auto& run : runs) {
    const std::vector<Label> labels = {{"collector", run.name}};
    durations.Add(labels, run.took.count());
    successes.Add(labels, run.outcome || run.outcome.not_loaded() ? 1 : 0);
    if (run.outcome) ages.Add(labels, run.age.count());
  }
  return {std::move(durations), std::move(successes), std::move(ages)};
}

std::vector<Family> FamiliesOf(const std::vector<CollectorRun>& runs) {
  std::vector<Family> families;
  for (const auto& run : runs) {
    if (!run.outcome) continue;
    families.insert(families.end(), run.outcome->families.begin(), run.outcome->families.end());
  }
  std::ranges::move(HealthFamilies(runs), std::back_inserter(families));
  return families;
}

}  // namespace conntrack::exporter
