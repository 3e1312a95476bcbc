#include "diagnosis/stat_history.h"

#include <gmock/gmock.h>

#include <latch>
#include <stop_token>

namespace conntrack {
namespace {

using namespace std::chrono_literals;
using kernel::StatCounter;

kernel::ConntrackStat Drops(std::uint32_t drops) {
  kernel::CpuStat cpu{0, {}};
  cpu[StatCounter::kDrop] = drops;
  kernel::ConntrackStat stat;
  stat.cpus = {cpu};
  return stat;
}

StatReadings::Time At(std::chrono::seconds since) { return StatReadings::Time{} + 1h + since; }

std::optional<std::uint64_t> DropsIn(const std::optional<StatGrowth>& growth) {
  return growth ? growth->totals[StatCounter::kDrop] : std::nullopt;
}

TEST(StatReadings, GrowthIsFromTheOldestOfTheLastMinute) {
  StatReadings readings;
  for (int i = 0; i <= 20; ++i) readings.Add(At(i * 15s), Drops(static_cast<std::uint32_t>(i)));
  const auto growth = readings.GrowthTo(At(305s), Drops(120));
  ASSERT_TRUE(growth);
  EXPECT_EQ(growth->seconds, 65);  // the newest reading is at 300 s, the oldest kept at 240 s
  EXPECT_EQ(DropsIn(growth), 120U - 16U);
}

TEST(StatReadings, BeforeTheFirstReadingIsOldEnoughThereIsNone) {
  StatReadings readings;
  EXPECT_FALSE(readings.GrowthTo(At(0s), Drops(5)));
  readings.Add(At(0s), Drops(5));
  EXPECT_FALSE(readings.GrowthTo(At(0s), Drops(5)));
  EXPECT_EQ(DropsIn(readings.GrowthTo(At(1s), Drops(7))), 2U);
}

TEST(StatReadings, ACounterThatWrapsGoesOnGrowing) {
  StatReadings readings;
  readings.Add(At(0s), Drops(4'294'967'290U));
  EXPECT_EQ(DropsIn(readings.GrowthTo(At(10s), Drops(4))), 10U);
}

TEST(StatReadings, ReadingsFromLongAgoSayNothingOfTheLastMinute) {
  StatReadings readings;
  readings.Add(At(0s), Drops(1));
  EXPECT_FALSE(readings.GrowthTo(At(3600s), Drops(9)));
  readings.Add(At(3590s), Drops(7));
  EXPECT_EQ(DropsIn(readings.GrowthTo(At(3600s), Drops(9))), 2U);
}

TEST(StatHistory, ReadsAtOnceAndEndsWithoutWaiting) {
  std::latch read(1);
  {
    const StatHistory history([&read]() -> std::optional<kernel::ConntrackStat> {
      read.count_down();
      return std::nullopt;  // a reading that fails
    });
    read.wait();
    EXPECT_FALSE(history.GrowthTo(Drops(1)));
  }  // would take 15 s if it did
}

}  // namespace
}  // namespace conntrack
