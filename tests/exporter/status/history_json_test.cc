#include "exporter/status/history_json.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace conntrack::exporter::status {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const report::Heading kHeading{"gw\"1", "6.18.1", "2026-01-31T12:00:00Z"};

DayView Day() {
  return {1'700'049'600,
          {{"entries", "", {{1, 2.5F, 16'777'216}, {}}},
           {"limit", "", {{9, 9, 9}, {9, 9, 9}}},
           {"flows", "tcp ESTABLISHED", {{}, {0, 0, 0}}}}};
}

TEST(HistoryJson, IsJsonWithNullForWhatIsUnknown) {
  const auto json = nlohmann::json::parse(RenderHistoryJson(kHeading, Day()));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["host"], "gw\"1");
  EXPECT_EQ(json["begin"], 1'700'049'600);
  EXPECT_EQ(json["minutes"], 2);
  const auto& entries = json["series"][0];
  EXPECT_EQ(entries["means"], nlohmann::json::parse("[2.5, null]"));
  EXPECT_EQ(entries["maxima"], nlohmann::json::parse("[16777216, null]"));
  EXPECT_EQ(entries["last_hour"]["peak_time"], 1'700'049'600);
  EXPECT_EQ(entries["last_hour"]["known_minutes"], 1);
  EXPECT_TRUE(entries["last_hour"]["growth_an_hour"].is_null());
  EXPECT_EQ(entries["last_day"]["limit_for_150_percent_of_peak"], 25'165'824);
  EXPECT_EQ(json["series"][2]["name"], "tcp ESTABLISHED");
  EXPECT_FALSE(json["series"][2]["last_day"].contains("growth_an_hour"));
}

TEST(HistoryJson, IsReadBackAsItWas) {
  const auto history = ParseHistoryJson(RenderHistoryJson(kHeading, Day()));
  ASSERT_TRUE(history) << history.error().message;
  EXPECT_EQ(history->heading.host, kHeading.host);
  EXPECT_EQ(history->day.begin, Day().begin);
  ASSERT_EQ(history->day.series.size(), 3U);
  EXPECT_EQ(history->day.series[0].minutes[0].maximum, 16'777'216);
  EXPECT_FALSE(history->day.series[0].minutes[1].known());
  EXPECT_EQ(history->day.Find("flows", "tcp ESTABLISHED")->minutes[1].mean, 0);
}

TEST(HistoryJson, AnEmptyDayIsReadBackToo) {
  const auto history = ParseHistoryJson(RenderHistoryJson(kHeading, {}));
  ASSERT_TRUE(history);
  EXPECT_EQ(history->day.minutes(), 0U);
}

TEST(HistoryJson, WhatIsSomethingElseIsRefused) {
  const auto text = RenderHistoryJson(kHeading, Day());
  const auto with = [&text](const std::string& what, const std::string& instead) {
    auto changed = text;
    changed.replace(changed.find(what), what.size(), instead);
    return changed;
  };
  for (const auto& wrong :
       {std::string(), std::string("<html>"), std::string("[]"), std::string("{}"),
        text.substr(0, text.size() / 2), with("\"schema\":1", "\"schema\":2"),
        with("\"minutes\":2", "\"minutes\":3"), with("\"minutes\":2", "\"minutes\":1000000000"),
        with("\"minutes\":2", "\"minutes\":-1"), with("\"minutes\":2", "\"minutes\":1.9"),
        with("1700049600", "9223372036854775807"), with("[2.5", "[-1"), with("[2.5", "[null"),
        with("[2.5", "[1e300"), with("[2.5", "[\"x\"")}) {
    const auto history = ParseHistoryJson(wrong);
    ASSERT_FALSE(history) << wrong.substr(0, 100);
    EXPECT_EQ(history.error().kind, ErrorKind::kMalformed);
    EXPECT_THAT(history.error().message, AllOf(HasSubstr("not the history of an exporter"),
                                               Not(HasSubstr("json.exception"))));
  }
}

}  // namespace
}  // namespace conntrack::exporter::status
