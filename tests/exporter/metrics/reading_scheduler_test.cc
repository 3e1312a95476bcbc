#include "exporter/metrics/reading_scheduler.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

#include "tests/support/fake_collector.h"
#include "tests/support/families.h"

namespace conntrack::exporter {
namespace {

using namespace std::chrono_literals;
using test::FakeCollector;
using test::ValueOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Collectors = std::vector<NamedCollector>;

template <class... Entries>
Collectors List(Entries... entries) {
  Collectors collectors;
  (collectors.push_back(std::move(entries)), ...);
  return collectors;
}

NamedCollector Named(const std::string& name, FakeCollector::Function collect,
                     std::chrono::nanoseconds max_age = 0ns) {
  return {name, std::make_unique<FakeCollector>(std::move(collect)), max_age};
}

Result<Collection> OneGauge(const ScrapeContext&) {
  return Collection{{Gauge("a_gauge", "h", 1)}, {}, "fake"};
}

/// What a collector reads that does not answer until it is released. A reading may outlive its
/// scheduler: the end of the gate waits for it, so that it logs nothing during the next test.
class Gate {
 public:
  ~Gate() {
    Release();
    while (released_.use_count() > 1) std::this_thread::yield();
  }

  void Release() {
    if (!released_->exchange(true)) released_->notify_all();
  }

  [[nodiscard]] int readings() const { return *readings_; }
  void WaitForReadings(int number) const {
    for (int seen = *readings_; seen < number; seen = *readings_) readings_->wait(seen);
  }

  [[nodiscard]] FakeCollector::Function Collect() const {
    return [released = released_, readings = readings_](const ScrapeContext& context) {
      ++*readings;
      readings->notify_all();
      released->wait(false);
      return OneGauge(context);
    };
  }

 private:
  std::shared_ptr<std::atomic<bool>> released_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<std::atomic<int>> readings_ = std::make_shared<std::atomic<int>>(0);
};

/// A time that a test sets.
class FakeTime {
 public:
  void Advance(std::chrono::nanoseconds by) { *passed_ += by.count(); }

  [[nodiscard]] ReadingScheduler::Clock Clock() const {
    return [passed = passed_] {
      return ReadingScheduler::Time(100s) + std::chrono::nanoseconds(*passed);
    };
  }

 private:
  std::shared_ptr<std::atomic<std::int64_t>> passed_ =
      std::make_shared<std::atomic<std::int64_t>>(0);
};

std::vector<CollectorRun> ReadAll(ReadingScheduler& scheduler) {
  return scheduler.Read(scheduler.names(), test::Patient().deadline);
}

/// By someone who does not wait.
std::vector<CollectorRun> Glance(ReadingScheduler& scheduler) {
  return scheduler.Read(scheduler.names(), {});
}

std::optional<double> Success(const std::vector<CollectorRun>& runs, const std::string& name) {
  return ValueOf(HealthFamilies(runs), "conntrack_scrape_collector_success", {{"collector", name}});
}

TEST(ReadingScheduler, OneFailingOrThrowingCollectorHidesNoOther) {
  ReadingScheduler scheduler(List(
      Named("fails",
            [](const ScrapeContext&) -> Result<Collection> {
              return Fail(ErrorKind::kDenied, "no");
            }),
      Named("throws",
            [](const ScrapeContext&) -> Result<Collection> { throw std::runtime_error("bug"); }),
      Named("throws_other", [](const ScrapeContext&) -> Result<Collection> { throw 42; }),
      Named("needs_memory",
            [](const ScrapeContext&) -> Result<Collection> { throw std::bad_alloc(); }),
      Named("works", OneGauge)));
  const auto runs = ReadAll(scheduler);
  EXPECT_EQ(ValueOf(FamiliesOf(runs), "a_gauge"), 1);
  for (const auto* name : {"fails", "throws", "throws_other", "needs_memory"}) {
    EXPECT_EQ(Success(runs, name), 0) << name;
  }
  EXPECT_EQ(Success(runs, "works"), 1);
  EXPECT_TRUE(ValueOf(HealthFamilies(runs), "conntrack_scrape_collector_duration_seconds",
                      {{"collector", "throws"}}));
  EXPECT_FALSE(ValueOf(HealthFamilies(runs), "conntrack_scrape_collector_reading_age_seconds",
                       {{"collector", "throws"}}));
  EXPECT_EQ(runs[3].outcome.error().message, "out of memory");
}

TEST(ReadingScheduler, RunsAreInTheOrderOfTheCollectorsAndNobodyElses) {
  ReadingScheduler scheduler(List(Named("one", OneGauge), Named("two", OneGauge)));
  EXPECT_THAT(scheduler.names(), testing::ElementsAre("one", "two"));
  const auto both = scheduler.Read({"two", "one"}, test::Patient().deadline);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].name, "one");
  EXPECT_EQ(both[0].outcome->source, "fake");
  const auto runs = scheduler.Read({"two", "stranger"}, test::Patient().deadline);
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].name, "two");
}

TEST(ReadingScheduler, ThoseWhoAskMeanwhileShareAReading) {
  Gate gate;
  ReadingScheduler scheduler(List(Named("slow", gate.Collect())));
  std::vector<std::future<std::vector<CollectorRun>>> askers;
  for (int i = 0; i < 6; ++i) {
    askers.push_back(std::async(std::launch::async, [&] { return ReadAll(scheduler); }));
  }
  gate.WaitForReadings(1);
  EXPECT_EQ(Success(Glance(scheduler), "slow"), 0);
  gate.Release();
  for (auto& asker : askers) EXPECT_EQ(Success(asker.get(), "slow"), 1);
  // One who came late may have asked for a reading of his own.
  EXPECT_LE(gate.readings(), 6);
  gate.Release();
}

TEST(ReadingScheduler, AnAskerWhoGivesUpIsNobodyElsesFailure) {
  Gate gate;
  ReadingScheduler scheduler(List(Named("slow", gate.Collect(), 1h)));
  const auto impatient = Glance(scheduler);
  ASSERT_FALSE(impatient[0].outcome);
  EXPECT_EQ(impatient[0].outcome.error().kind, ErrorKind::kTimeout);
  gate.Release();
  EXPECT_EQ(Success(ReadAll(scheduler), "slow"), 1);
  EXPECT_EQ(gate.readings(), 1);
  gate.Release();
}

TEST(ReadingScheduler, CollectorsThatHangDelayNoOtherAndAreNotStartedAgain) {
  std::vector<Gate> gates(12);
  Collectors collectors;
  for (std::size_t i = 0; i < gates.size(); ++i) {
    collectors.push_back(Named("hangs" + std::to_string(i), gates[i].Collect()));
  }
  collectors.push_back(Named("works", OneGauge));
  ReadingScheduler scheduler(std::move(collectors));
  for (int scrape = 0; scrape < 20; ++scrape) static_cast<void>(Glance(scheduler));
  const auto works = scheduler.Read({"works"}, test::Patient().deadline);
  EXPECT_EQ(Success(works, "works"), 1);
  // All of them got a thread, and only one.
  static_cast<void>(scheduler.Read(scheduler.names(), std::chrono::steady_clock::now() + 1s));
  for (const auto& gate : gates) gate.WaitForReadings(1);
  static_cast<void>(Glance(scheduler));
  for (const auto& gate : gates) EXPECT_EQ(gate.readings(), 1);
  for (auto& gate : gates) gate.Release();
}

TEST(ReadingScheduler, AReadingServesUntilItIsTooOldFailedOrNot) {
  const FakeTime time;
  FakeTime passing = time;
  int readings = 0;
  ReadingScheduler scheduler(List(Named(
                                 "kept",
                                 [&](const ScrapeContext&) -> Result<Collection> {
                                   ++readings;
                                   return Fail(ErrorKind::kDenied, "no");
                                 },
                                 1s)),
                             ReadingScheduler::Log::kChanges, time.Clock());
  for (int scrape = 0; scrape < 100; ++scrape) EXPECT_EQ(Success(ReadAll(scheduler), "kept"), 0);
  EXPECT_EQ(readings, 1);
  passing.Advance(999ms);
  static_cast<void>(ReadAll(scheduler));
  EXPECT_EQ(readings, 1);
  passing.Advance(1ms);
  static_cast<void>(ReadAll(scheduler));
  EXPECT_EQ(readings, 2);
}

TEST(ReadingScheduler, WithoutAMaxAgeEachScrapeReads) {
  int readings = 0;
  ReadingScheduler scheduler(List(Named("count", [&](const ScrapeContext& context) {
    ++readings;
    return OneGauge(context);
  })));
  for (int scrape = 0; scrape < 10; ++scrape) static_cast<void>(ReadAll(scheduler));
  EXPECT_EQ(readings, 10);
}

/// Reads well the first time, and then hangs.
NamedCollector WellOnce(const std::string& name, const Gate& gate,
                        std::chrono::nanoseconds max_age) {
  return Named(
      name,
      [first = true, hang = gate.Collect()](const ScrapeContext& context) mutable {
        return std::exchange(first, false) ? OneGauge(context) : hang(context);
      },
      max_age);
}

TEST(ReadingScheduler, TheLastGoodReadingIsShownForAMinuteWithItsAge) {
  FakeTime time;
  Gate gate;
  Gate other;
  ReadingScheduler scheduler(List(WellOnce("kept", gate, 1s), WellOnce("counter", other, 0s)),
                             ReadingScheduler::Log::kChanges, time.Clock());
  static_cast<void>(ReadAll(scheduler));
  time.Advance(30s);
  const auto runs = Glance(scheduler);
  EXPECT_EQ(Success(runs, "kept"), 1);
  EXPECT_EQ(ValueOf(HealthFamilies(runs), "conntrack_scrape_collector_reading_age_seconds",
                    {{"collector", "kept"}}),
            30);
  EXPECT_EQ(Success(runs, "counter"), 0) << "an old counter is a wrong one";
  time.Advance(30s);
  const auto later = Glance(scheduler);
  EXPECT_EQ(Success(later, "kept"), 0);
  EXPECT_THAT(later[0].outcome.error().message, HasSubstr("has hung for 30 s"));
  gate.Release();
  other.Release();
}

TEST(ReadingScheduler, SaysOnceThatACollectorHangsAndThatItAnswersAgain) {
  FakeTime time;
  Gate gate;
  ReadingScheduler scheduler(List(Named("memory", gate.Collect())), ReadingScheduler::Log::kChanges,
                             time.Clock());
  static_cast<void>(Glance(scheduler));
  gate.WaitForReadings(1);
  const auto logged = [&](auto work) {
    testing::internal::CaptureStderr();
    work();
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_THAT(logged([&] { Glance(scheduler); }), IsEmpty());
  time.Advance(ReadingScheduler::kHangsAfter);
  EXPECT_THAT(logged([&] { Glance(scheduler); }),
              HasSubstr("msg=\"collector hangs\" collector=memory"));
  EXPECT_THAT(logged([&] { Glance(scheduler); }), IsEmpty());
  EXPECT_THAT(logged([&] {
                gate.Release();
                while (Success(ReadAll(scheduler), "memory") == 0) std::this_thread::yield();
              }),
              HasSubstr("msg=\"collector answers again\" collector=memory"));
  gate.Release();
}

TEST(ReadingScheduler, NoScrapeWaitsForACollectorThatHangsAlready) {
  FakeTime time;
  Gate gate;
  ReadingScheduler scheduler(List(Named("memory", gate.Collect()), Named("works", OneGauge)),
                             ReadingScheduler::Log::kChanges, time.Clock());
  static_cast<void>(scheduler.Read({"memory"}, {}));
  gate.WaitForReadings(1);
  time.Advance(ReadingScheduler::kHangsAfter);
  const auto runs = scheduler.Read(scheduler.names(), ReadingScheduler::Time::max());
  EXPECT_EQ(Success(runs, "memory"), 0);
  EXPECT_EQ(Success(runs, "works"), 1);
  gate.Release();
}

TEST(ReadingScheduler, SaysNowAndThenThatACollectorWasNotDoneInTime) {
  Gate gate;
  ReadingScheduler scheduler(List(Named("stat", gate.Collect())));
  const auto logged = [&](std::chrono::milliseconds patience) {
    testing::internal::CaptureStderr();
    (void)scheduler.Read({"stat"}, std::chrono::steady_clock::now() + patience);
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_THAT(logged(100ms), Not(HasSubstr("collector=stat"))) << "impatience is no news";
  EXPECT_THAT(logged(500ms), HasSubstr("is missing from a scrape\" collector=stat"));
  EXPECT_THAT(logged(500ms), Not(HasSubstr("collector=stat")));
  gate.Release();
}

TEST(ReadingScheduler, TellsWhichReadingIsTheOldestThatIsUnderWay) {
  FakeTime time;
  Gate first;
  Gate second;
  ReadingScheduler scheduler(
      List(Named("second", second.Collect()), Named("first", first.Collect()),
           NamedCollector{"walks", std::make_unique<FakeCollector>(OneGauge, 30s)}),
      ReadingScheduler::Log::kChanges, time.Clock());
  EXPECT_EQ(scheduler.OldestUnderWay()->collector, "walks");
  static_cast<void>(scheduler.Read({"first"}, {}));
  first.WaitForReadings(1);
  time.Advance(40s);
  static_cast<void>(scheduler.Read({"second"}, {}));
  second.WaitForReadings(1);
  time.Advance(20s);
  EXPECT_EQ(scheduler.OldestUnderWay()->collector, "first");
  EXPECT_EQ(scheduler.OldestUnderWay()->since, 60s);
  first.Release();
  second.Release();
}

TEST(ReadingScheduler, ACollectorThatOnlyWaitsHasTheDeadlineOfEachAsker) {
  std::vector<ReadingScheduler::Time> deadlines;
  ReadingScheduler scheduler(
      List(NamedCollector{"flows", std::make_unique<FakeCollector>(
                                       [&](const ScrapeContext& context) -> Result<Collection> {
                                         deadlines.push_back(context.deadline);
                                         return Fail(ErrorKind::kTimeout, "not yet");
                                       },
                                       0s)}));
  testing::internal::CaptureStderr();
  static_cast<void>(scheduler.Read({"flows"}, ReadingScheduler::Time(1s)));
  static_cast<void>(scheduler.Read({"flows"}, ReadingScheduler::Time(2s)));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), IsEmpty()) << "impatience is no news";
  EXPECT_THAT(deadlines,
              testing::ElementsAre(ReadingScheduler::Time(1s), ReadingScheduler::Time(2s)));
}

TEST(ReadingScheduler, AStopEndsAllWaiting) {
  Gate gate;
  ReadingScheduler scheduler(List(Named("slow", gate.Collect())));
  auto asker = std::async(std::launch::async, [&] { return ReadAll(scheduler); });
  gate.WaitForReadings(1);
  scheduler.Stop();
  EXPECT_EQ(Success(asker.get(), "slow"), 0);
  gate.Release();
}

TEST(ReadingScheduler, LeavesAReadingThatDoesNotEnd) {
  Gate gate;
  {
    ReadingScheduler scheduler(List(Named("slow", gate.Collect())));
    static_cast<void>(Glance(scheduler));
    gate.WaitForReadings(1);
  }
  // The gate is released only now, and the reading's thread finds all that it needs.
}

TEST(ReadingScheduler, LogsAChangeOnceAndNotEachScrape) {
  Error error{ErrorKind::kDenied, 1, "CAP_NET_ADMIN is missing", "give it"};
  bool fail = true;
  ReadingScheduler scheduler(
      List(Named("flows", [&](const ScrapeContext& context) -> Result<Collection> {
        error.message += ".";  // a number in a message may differ each time
        if (fail) return Fail(error);
        return OneGauge(context);
      })));
  const auto logged = [&] {
    testing::internal::CaptureStderr();
    (void)ReadAll(scheduler);
    return testing::internal::GetCapturedStderr();
  };
  const auto first = logged();
  EXPECT_THAT(first, HasSubstr("CAP_NET_ADMIN"));
  EXPECT_THAT(first, HasSubstr("remedy=\"give it\""));
  EXPECT_THAT(logged(), IsEmpty());
  fail = false;
  EXPECT_THAT(logged(), HasSubstr("collector reads"));
  EXPECT_THAT(logged(), IsEmpty());
}

TEST(ReadingScheduler, SaysOnceWhatIsLeftOut) {
  ReadingScheduler scheduler(List(Named("table", [](const ScrapeContext&) -> Result<Collection> {
    return Collection{
        {},
        {{"conntrack_expectations", Error{ErrorKind::kAbsent, 2, "no file", "load it"}}},
        "sysctl"};
  })));
  testing::internal::CaptureStderr();
  (void)ReadAll(scheduler);
  (void)ReadAll(scheduler);
  const auto lines = testing::internal::GetCapturedStderr();
  EXPECT_THAT(lines, HasSubstr("part=conntrack_expectations"));
  EXPECT_EQ(lines.find("part="), lines.rfind("part="));
}

}  // namespace
}  // namespace conntrack::exporter
