#include "exporter/status/day_charts.h"

#include <gmock/gmock.h>

namespace conntrack::exporter::status {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kNoon = 1'700'049'600;  // 2023-11-15 12:00 UTC
const ChartWindow kFourMinutes{"last 4 minutes", 4, 1};

DaySeries Series(std::vector<MinuteFigures> minutes) { return {"entries", "", std::move(minutes)}; }

std::string Drawn(const DaySeries& series, Mark mark, const ChartWindow& window = kFourMinutes) {
  return Chart("Title", "what", {kNoon, {series}}, window, {{&series, mark, "s"}}).markup();
}

TEST(ColumnsOf, TheNewestIsLastAndWhatIsBeforeTheFirstIsUnknown) {
  const auto columns = ColumnsOf(Series({{1, 2, 3}, {4, 5, 6}}), kFourMinutes);
  ASSERT_EQ(columns.size(), 4U);
  EXPECT_FALSE(columns[0].known() || columns[1].known());
  EXPECT_EQ(columns[2].mean, 2);
  EXPECT_EQ(columns[3].maximum, 6);
}

TEST(ColumnsOf, JoinsMinutesAndPassesUnknownOnesOver) {
  const auto columns = ColumnsOf(Series({{1, 2, 3}, {4, 6, 9}, {}, {7, 8, 9}}), {"", 4, 2});
  ASSERT_EQ(columns.size(), 2U);
  EXPECT_EQ(columns[0].minimum, 1);
  EXPECT_EQ(columns[0].mean, 4);
  EXPECT_EQ(columns[0].maximum, 9);
  EXPECT_EQ(columns[1].mean, 8);
}

TEST(RoundNumberFrom, Is12Or5TimesAPowerOfTen) {
  EXPECT_EQ(RoundNumberFrom(0), 1);
  EXPECT_EQ(RoundNumberFrom(1), 1);
  EXPECT_EQ(RoundNumberFrom(1.1), 2);
  EXPECT_EQ(RoundNumberFrom(2001), 5000);
  EXPECT_EQ(RoundNumberFrom(262'144), 500'000);
}

TEST(Chart, ALineHasAStepForEachMinuteAndAGapWhereOneIsUnknown) {
  const auto chart = Drawn(Series({{1, 1, 1}, {2, 2, 2}, {}, {0, 0, 0}}), Mark::kLine);
  EXPECT_THAT(chart, HasSubstr("class=\"line s\" d=\"M0 50.0V50.0H1V0.0H2M3 100.0V100.0H4\""));
  EXPECT_THAT(chart, HasSubstr("class=\"gap\" d=\"M2 100.0V0.0H3V100.0H2Z\""));
}

TEST(Chart, ARangeGoesFromTheMinimumToTheMaximum) {
  EXPECT_THAT(Drawn(Series({{}, {}, {0.5F, 1, 2}, {1, 1.5F, 1.5F}}), Mark::kRange),
              HasSubstr("class=\"range s\" d=\"M2 75.0V0.0H3V25.0H4V50.0H3V75.0H2Z\""));
}

TEST(Chart, AStackIsAsHighAsTheSum) {
  const DaySeries first = Series({{}, {}, {1, 1, 1}, {}});
  const DaySeries last = Series({{}, {}, {3, 3, 3}, {2, 2, 2}});
  const auto chart = Chart("T", "what", {kNoon, {first, last}}, kFourMinutes,
                           {{&first, Mark::kStack, "s0"}, {&last, Mark::kStack, "s1"}})
                         .markup();
  EXPECT_THAT(chart, AllOf(HasSubstr("class=\"s0\" d=\"M2 100.0V80.0H3V100.0H4V100.0H3V100.0H2Z\""),
                           HasSubstr("class=\"s1\" d=\"M2 80.0V20.0H3V60.0H4V100.0H3V80.0H2Z\"")));
}

TEST(Chart, HasAxesInUtc) {
  const auto chart = Drawn(Series({{1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 15}}), Mark::kRange);
  EXPECT_THAT(chart, HasSubstr("<span>20</span><span>10</span><span>0</span>"));
  EXPECT_THAT(chart, HasSubstr("<span>12:00</span><span>12:02</span><span>12:03 UTC</span>"));
  EXPECT_THAT(chart, AllOf(HasSubstr("viewBox=\"0 0 4 100\""), HasSubstr("role=\"img\"")));
}

TEST(Chart, HasNoInlineStyle) {
  EXPECT_THAT(Drawn(Series({{1, 1, 1}}), Mark::kRange), Not(HasSubstr("style=")));
}

}  // namespace
}  // namespace conntrack::exporter::status
