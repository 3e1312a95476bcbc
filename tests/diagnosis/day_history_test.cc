#include "diagnosis/day_history.h"

// Before <linux/...>, which redefines parts of it otherwise.
#include <netinet/in.h>

#include <gmock/gmock.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <sys/socket.h>

#include <memory>

namespace conntrack {
namespace {

using namespace std::chrono_literals;
using kernel::StatCounter;

constexpr kernel::KernelRelease kRelease{6, 18};
const DayHistory::Time kBegin{100h};
/// 40 s after a full minute.
const DayHistory::WallTime kWall{std::chrono::seconds(1'700'000'020)};
constexpr std::int64_t kFirstMinute = 1'699'999'980;

class DayHistoryTest : public testing::Test {
 protected:
  /// The moment `since` the start.
  static DayHistory::Time At(std::chrono::seconds since) { return kBegin + since; }
  [[nodiscard]] DayView ViewAt(std::chrono::seconds since) const {
    return history_->View(At(since), kWall + since);
  }

  void AddCounters(std::chrono::seconds since, std::uint32_t drop, std::uint32_t evicted) {
    kernel::CpuStat cpu{0, {}};
    for (auto& counter : cpu.counters) counter = 0;
    cpu[StatCounter::kDrop] = drop;
    cpu[StatCounter::kEarlyDrop] = evicted;
    kernel::ConntrackStat stat;
    stat.cpus = {cpu};
    history_->AddStat(At(since), stat, kRelease);
  }

  /// A walk that found so many flows of each of these protocols, all in one state.
  void AddWalk(std::chrono::seconds since, const std::vector<std::pair<int, int>>& protocols) {
    FlowSnapshot walk;
    for (const auto& [protocol, flows] : protocols) {
      for (int i = 0; i < flows; ++i) {
        walk.counts.Visit({.family = AF_INET,
                           .protocol = static_cast<std::uint8_t>(protocol),
                           .state = {},
                           .status = IPS_SEEN_REPLY,
                           .timeout = 30,
                           .zone = 0});
      }
    }
    walk.completed = At(since);
    history_->AddWalk(walk);
  }

  // On the heap: it is large.
  std::unique_ptr<DayHistory> history_ = std::make_unique<DayHistory>(kBegin, kWall);
};

/// Minimum, mean, maximum; nothing where it is unknown.
std::vector<float> Figures(const DayView& day, std::size_t minute, std::string_view subject,
                           std::string_view name = {}) {
  const auto* series = day.Find(subject, name);
  if (series == nullptr || !series->minutes.at(minute).known()) return {};
  const auto& figures = series->minutes[minute];
  return {figures.minimum, figures.mean, figures.maximum};
}

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(DayHistoryTest, MinutesAreThoseOfTheWallClock) {
  history_->AddEntries(At(0s), 10, 100);
  history_->AddEntries(At(19s), 20, 100);
  history_->AddEntries(At(20s), 70, 200);
  const auto day = ViewAt(20s);
  EXPECT_EQ(day.begin, kFirstMinute);
  ASSERT_EQ(day.minutes(), 2U);
  EXPECT_THAT(Figures(day, 0, "entries"), ElementsAre(10, 15, 20));
  EXPECT_THAT(Figures(day, 1, "entries"), ElementsAre(70, 70, 70));
  EXPECT_THAT(Figures(day, 1, "limit"), ElementsAre(200, 200, 200));
}

TEST_F(DayHistoryTest, AMinuteWithoutAReadingIsUnknown) {
  history_->AddEntries(At(0s), 10, std::nullopt);
  history_->AddEntries(At(125s), 30, 100);
  const auto day = ViewAt(190s);
  ASSERT_EQ(day.minutes(), 4U);
  EXPECT_THAT(Figures(day, 0, "entries"), ElementsAre(10, 10, 10));
  EXPECT_THAT(Figures(day, 0, "limit"), IsEmpty());
  EXPECT_THAT(Figures(day, 1, "entries"), IsEmpty());
  EXPECT_THAT(Figures(day, 2, "entries"), ElementsAre(30, 30, 30));
  EXPECT_THAT(Figures(day, 3, "entries"), IsEmpty());
}

TEST_F(DayHistoryTest, KeepsADayAndForgetsTheRest) {
  for (int minute = 0; minute < 1500; ++minute) {
    history_->AddEntries(At(minute * 60s), minute, 9999);
  }
  const auto day = ViewAt(1499 * 60s);
  ASSERT_EQ(day.minutes(), kDayMinutes);
  EXPECT_EQ(day.begin, kFirstMinute + 60 * 60);
  EXPECT_THAT(Figures(day, 0, "entries"), ElementsAre(60, 60, 60));
  EXPECT_THAT(Figures(day, 1439, "entries"), ElementsAre(1499, 1499, 1499));
}

TEST_F(DayHistoryTest, AfterADayInSilenceNothingIsKnown) {
  history_->AddEntries(At(0s), 10, 100);
  const auto silent = ViewAt(24h + 1min);
  EXPECT_EQ(silent.minutes(), kDayMinutes);
  for (std::size_t i = 0; i < kDayMinutes; ++i)
    EXPECT_THAT(Figures(silent, i, "entries"), IsEmpty());
  history_->AddEntries(At(30h), 20, 100);  // the slots of a day ago have not come back
  const auto day = ViewAt(30h);
  EXPECT_THAT(Figures(day, 1439, "entries"), ElementsAre(20, 20, 20));
  for (std::size_t i = 0; i < 1439; ++i) EXPECT_THAT(Figures(day, i, "entries"), IsEmpty());
}

TEST_F(DayHistoryTest, AStepOfTheWallClockMovesTheTimesAndNothingElse) {
  history_->AddEntries(At(0s), 10, 100);
  history_->AddEntries(At(60s), 20, 100);
  const auto day = history_->View(At(60s), kWall + 60s - 5h);
  EXPECT_EQ(day.begin, kFirstMinute - 5 * 3600);
  EXPECT_THAT(Figures(day, 0, "entries"), ElementsAre(10, 10, 10));
  EXPECT_THAT(Figures(day, 1, "entries"), ElementsAre(20, 20, 20));
}

TEST_F(DayHistoryTest, LossesAreRatesBetweenTwoReadings) {
  AddCounters(20s, 1000, 50);
  EXPECT_THAT(Figures(ViewAt(20s), 1, "lost", "in all"), IsEmpty());
  AddCounters(35s, 1030, 50);
  AddCounters(50s, 1030, 80);
  const auto day = ViewAt(50s);
  EXPECT_THAT(Figures(day, 1, "lost", "table full"), ElementsAre(0, 1, 2));
  EXPECT_THAT(Figures(day, 1, "lost", "in all"), ElementsAre(0, 1, 2));
  EXPECT_THAT(Figures(day, 1, "lost", "unresolved clash"), ElementsAre(0, 0, 0));
  EXPECT_THAT(Figures(day, 1, "evicted"), ElementsAre(0, 1, 2));
}

TEST_F(DayHistoryTest, LossesOfALongTimeBelongToNoMinute) {
  AddCounters(0s, 0, 0);
  AddCounters(100s, 5000, 0);
  EXPECT_THAT(Figures(ViewAt(100s), 2, "lost", "in all"), IsEmpty());
  AddCounters(110s, 5010, 0);
  EXPECT_THAT(Figures(ViewAt(110s), 2, "lost", "in all"), ElementsAre(1, 1, 1));
}

TEST_F(DayHistoryTest, CountersThatBeginAgainAreNoLoss) {
  AddCounters(20s, 5000, 0);
  AddCounters(30s, 3, 0);  // the module was loaded again
  EXPECT_THAT(Figures(ViewAt(30s), 1, "lost", "in all"), IsEmpty());
  AddCounters(40s, 13, 0);
  EXPECT_THAT(Figures(ViewAt(40s), 1, "lost", "in all"), ElementsAre(1, 1, 1));
}

TEST_F(DayHistoryTest, FlowsAreKnownInMinutesWithAWalkAndOnlyThere) {
  AddWalk(0s, {{IPPROTO_UDP, 6}, {IPPROTO_ICMP, 2}});
  AddWalk(130s, {{IPPROTO_UDP, 8}});
  const auto day = ViewAt(130s);
  EXPECT_THAT(Figures(day, 0, "flows", "udp REPLIED"), ElementsAre(6, 6, 6));
  EXPECT_THAT(Figures(day, 1, "flows", "udp REPLIED"), IsEmpty());
  EXPECT_THAT(Figures(day, 2, "flows", "udp REPLIED"), ElementsAre(8, 8, 8));
  EXPECT_THAT(Figures(day, 2, "flows", "icmp REPLIED"), ElementsAre(0, 0, 0)) << "none were found";
  EXPECT_THAT(Figures(day, 2, "flows", "other"), ElementsAre(0, 0, 0));
}

TEST_F(DayHistoryTest, AWalkCountsOnceAndWhenItWasDone) {
  AddWalk(0s, {{IPPROTO_UDP, 6}});
  AddWalk(70s, {{IPPROTO_UDP, 10}});
  for (int i = 0; i < 3; ++i) AddWalk(70s, {{IPPROTO_UDP, 99}});  // other scrapes of the same walk
  AddWalk(30s, {{IPPROTO_UDP, 99}});                              // a scrape that was slow
  history_->AddEntries(At(200s), 1, 1);
  AddWalk(75s, {{IPPROTO_UDP, 20}});  // seen late
  EXPECT_THAT(Figures(ViewAt(200s), 1, "flows", "udp REPLIED"), ElementsAre(10, 15, 20));
}

TEST_F(DayHistoryTest, PairsBeyondThePlacesAreSummedUp) {
  std::vector<std::pair<int, int>> protocols;
  for (int i = 0; i < 12; ++i) protocols.emplace_back(200 + i, 100 - i);
  AddWalk(0s, protocols);
  const auto day = ViewAt(0s);
  EXPECT_THAT(Figures(day, 0, "flows", "208 REPLIED"), ElementsAre(92, 92, 92));
  EXPECT_EQ(day.Find("flows", "209 REPLIED"), nullptr);
  EXPECT_THAT(Figures(day, 0, "flows", "other"), ElementsAre(270, 270, 270));
}

TEST_F(DayHistoryTest, APairThatOutgrowsTheSmallestTakesItsPlaceAndTheSumStaysTrue) {
  std::vector<std::pair<int, int>> protocols;
  for (int i = 0; i < 9; ++i) protocols.emplace_back(200 + i, 100 - i);
  protocols.emplace_back(220, 40);
  AddWalk(0s, protocols);
  protocols.back().second = 92;  // as many as the smallest had: it stays
  AddWalk(60s, protocols);
  EXPECT_EQ(ViewAt(60s).Find("flows", "220 REPLIED"), nullptr);
  protocols.back().second = 93;
  AddWalk(70s, protocols);
  const auto day = ViewAt(70s);
  EXPECT_EQ(day.Find("flows", "208 REPLIED"), nullptr);
  EXPECT_THAT(Figures(day, 0, "flows", "220 REPLIED"), IsEmpty()) << "it is among the others there";
  EXPECT_THAT(Figures(day, 0, "flows", "other"), ElementsAre(132, 132, 132));
  // In the minute under way: 92 + 92, then 92 by itself.
  EXPECT_THAT(Figures(day, 1, "flows", "other"), ElementsAre(92, 138, 184));
  EXPECT_THAT(Figures(day, 1, "flows", "220 REPLIED"), ElementsAre(93, 93, 93));
}

}  // namespace
}  // namespace conntrack
