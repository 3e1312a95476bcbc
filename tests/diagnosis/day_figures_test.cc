#include "diagnosis/day_figures.h"

#include <gmock/gmock.h>

namespace conntrack {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr std::int64_t kNoon = 1'700'049'600;  // 2023-11-15 12:00 UTC

MinuteFigures Known(float mean) { return {mean - 1, mean, mean + 1}; }

/// Entries of these means from noon on, and a limit.
DayView Day(const std::vector<MinuteFigures>& entries, float limit = 1000) {
  DayView day{kNoon, {{"entries", "", entries}, {"limit", "", {}}}};
  day.series[1].minutes.assign(entries.size(), {limit, limit, limit});
  return day;
}

/// `minutes` of a line.
std::vector<MinuteFigures> Line(std::size_t minutes, float begin, float a_minute) {
  std::vector<MinuteFigures> line;
  for (std::size_t i = 0; i < minutes; ++i) {
    line.push_back(Known(begin + a_minute * static_cast<float>(i)));
  }
  return line;
}

TEST(PeakAndMean, AreOfTheWindowAlone) {
  auto minutes = Line(100, 50, 0);
  minutes[10] = Known(900);
  minutes[70] = Known(200);
  const auto day = Day(minutes);
  const auto hour = PeakAndMeanOf(day, day.series[0], kHourMinutes);
  ASSERT_TRUE(hour);
  EXPECT_EQ(hour->peak, 201);
  EXPECT_EQ(hour->peak_time, kNoon + 70 * 60);
  EXPECT_EQ(hour->mean, 52.5);
  EXPECT_EQ(hour->known, 60U);
  EXPECT_EQ(PeakAndMeanOf(day, day.series[0], kDayMinutes)->peak_time, kNoon + 10 * 60);
}

TEST(PeakAndMean, UnknownMinutesDoNotCount) {
  auto minutes = Line(10, 50, 0);
  minutes[3] = minutes[4] = {};
  auto day = Day(minutes);
  const auto figures = PeakAndMeanOf(day, day.series[0], kHourMinutes);
  EXPECT_EQ(figures->known, 8U);
  EXPECT_EQ(figures->mean, 50);
  day.series[0].minutes.assign(10, {});
  EXPECT_FALSE(PeakAndMeanOf(day, day.series[0], kHourMinutes));
}

TEST(Outlook, GrowthIsTheLineAndSaysWhenItIsFull) {
  const auto outlook = OutlookOf(Day(Line(60, 100, 5)), kHourMinutes);
  EXPECT_NEAR(outlook.growth_an_hour.value(), 300, 1e-6);
  EXPECT_NEAR(outlook.full_in_seconds.value(), (1000 - 395) / 5.0 * 60, 1e-3);
  EXPECT_EQ(outlook.limit_by_peak, 594U);  // 396 and half more
}

TEST(Outlook, AGapDoesNotBendTheLine) {
  auto minutes = Line(60, 100, 5);
  for (std::size_t i = 20; i < 40; ++i) minutes[i] = {};
  EXPECT_NEAR(OutlookOf(Day(minutes), kHourMinutes).growth_an_hour.value(), 300, 1e-6);
}

TEST(Outlook, IsUnknownWithItsReason) {
  const auto reason = [](const DayView& day) {
    const auto outlook = OutlookOf(day, kHourMinutes);
    EXPECT_FALSE(outlook.full_in_seconds);
    return outlook.not_full;
  };
  EXPECT_EQ(reason(Day(Line(4, 100, 5))), "unknown, not enough data");
  EXPECT_EQ(reason(Day(Line(60, 100, 0))), "not expected, the number of entries does not grow");
  EXPECT_EQ(reason(Day(Line(60, 500, -2))), "not expected, the number of entries does not grow");
  EXPECT_EQ(reason(Day(Line(60, 100, 0.001F), 1e9)), "not within 30 d");
  EXPECT_EQ(reason(Day(Line(60, 100, 5), 0)), "never, there is no limit");
  EXPECT_EQ(reason(Day(std::vector<MinuteFigures>(60))),
            "unknown, because the number of entries is unknown");
  auto day = Day(Line(60, 100, 5));
  day.series.pop_back();
  EXPECT_EQ(reason(day), "unknown, because the limit is unknown");
}

TEST(Outlook, AFullTableIsFullNow) {
  EXPECT_EQ(OutlookOf(Day(Line(3, 1000, 0)), kHourMinutes).full_in_seconds, 0);
}

TEST(DaySentences, SayIt) {
  const auto sentences = DaySentences(Day(Line(60, 100, 5)), kHourMinutes);
  EXPECT_THAT(sentences, Contains("Entries are known for 60 of 60 minutes."));
  EXPECT_THAT(sentences, Contains("Growth an hour: +300 entries."));
  EXPECT_THAT(sentences, Contains("Full: in about 2.0 h, at 15:01, if it goes on like this."));
  EXPECT_THAT(sentences, Contains("Limit for 150 % of the peak: 594."));
  EXPECT_THAT(DaySentences(Day(std::vector<MinuteFigures>(60)), kHourMinutes),
              testing::ElementsAre("No minute of it is known."));
}

TEST(DayRows, HavePeakTimeAndAverageOrUnknown) {
  auto day = Day(Line(10, 100, 5));
  day.series.push_back({"flows", "tcp ESTABLISHED", Line(10, 40, 1)});
  day.series.push_back(
      {"flows", "udp REPLIED", std::vector<MinuteFigures>(10)});  // none in the window
  day.series.push_back({"flows", "other", std::vector<MinuteFigures>(10, {0, 0, 0})});
  day.series.push_back({"lost", "table full", std::vector<MinuteFigures>(10, {0, 0.5F, 2.5F})});
  day.series.push_back({"lost", "in all", std::vector<MinuteFigures>(10)});
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : DayRows(day, kHourMinutes)) {
    rows.push_back({row.label, row.peak, row.time, row.mean});
  }
  EXPECT_THAT(rows, testing::ElementsAre(
                        testing::ElementsAre("entries", "146", "12:09", "123"),
                        testing::ElementsAre("limit", "1,000", "12:00", "1,000"),
                        testing::ElementsAre("tcp ESTABLISHED", "50", "12:09", "45"),
                        testing::ElementsAre("all other flows", "0", "", "0"),
                        testing::ElementsAre("lost: table full /s", "2.5", "12:00", "0.50"),
                        testing::ElementsAre("lost: in all /s", "unknown", "", "unknown")));
}

}  // namespace
}  // namespace conntrack
