#include "exporter/metrics/exposition.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <limits>

namespace conntrack::exporter {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string Number(double value) {
  const auto text = RenderOpenMetrics({Gauge("a", "h", value)});
  const auto begin = text.rfind(' ') + 1;
  return text.substr(begin, text.size() - begin - 1);
}

TEST(RenderOpenMetrics, CounterFamiliesAreNamedWithoutTotal) {
  EXPECT_EQ(RenderOpenMetrics({{"a_total", "Help.", MetricType::kCounter, {{{{"cpu", "0"}}, 1}}}}),
            "# TYPE a counter\n# HELP a Help.\na_total{cpu=\"0\"} 1\n");
}

TEST(RenderOpenMetrics, CounterWithoutTotalKeepsItsName) {
  EXPECT_EQ(RenderOpenMetrics({Counter("packets", "Help.", 1)}),
            "# TYPE packets unknown\n# HELP packets Help.\npackets 1\n");
}

TEST(RenderOpenMetrics, NamesTheUnitWhereTheNameEndsInOne) {
  EXPECT_THAT(RenderOpenMetrics({Gauge("a_bytes", "h", 1)}), HasSubstr("\n# UNIT a_bytes bytes\n"));
  EXPECT_THAT(RenderOpenMetrics({Counter("a_seconds_total", "h", 1)}),
              StartsWith("# TYPE a_seconds counter\n# UNIT a_seconds seconds\n"));
  for (const auto* name : {"kilobytes", "seconds", "a_bytes_limit", "a"}) {
    EXPECT_THAT(RenderOpenMetrics({Gauge(name, "h", 1)}), Not(HasSubstr("UNIT"))) << name;
  }
}

TEST(RenderOpenMetrics, KeepsTheOrderAndLeavesOutFamiliesWithoutSamples) {
  EXPECT_EQ(RenderOpenMetrics(
                {Gauge("b", "h", 1), {"empty", "h", MetricType::kGauge, {}}, Gauge("a", "h", 2)}),
            "# TYPE b gauge\n# HELP b h\nb 1\n# TYPE a gauge\n# HELP a h\na 2\n");
  EXPECT_EQ(RenderOpenMetrics({}), "");
}

TEST(RenderOpenMetrics, SeparatesLabels) {
  EXPECT_THAT(RenderOpenMetrics({{"a", "h", MetricType::kGauge, {{{{"x", "1"}, {"y", ""}}, 1}}}}),
              HasSubstr("\na{x=\"1\",y=\"\"} 1\n"));
}

TEST(RenderOpenMetrics, EscapesHelpAndLabelValues) {
  const auto text = RenderOpenMetrics({{"a",
                                        "say \"no\" \\ twice\n",
                                        MetricType::kGauge,
                                        {{{{"x", "quote\" back\\ line\n\xff"}}, 1}}}});
  EXPECT_THAT(text, HasSubstr(R"(# HELP a say \"no\" \\ twice\\x0a)"
                              "\n"));
  EXPECT_THAT(text, HasSubstr(R"(a{x="quote\" back\\ line\\x0a\\xff"} 1)"
                              "\n"));
}

TEST(RenderOpenMetrics, IntegersAreWrittenAsSuch) {
  EXPECT_EQ(Number(0), "0");
  EXPECT_EQ(Number(-0.0), "0");
  EXPECT_EQ(Number(-1), "-1");
  EXPECT_EQ(Number(100000), "100000");
  EXPECT_EQ(Number(4294967295.0), "4294967295");
  EXPECT_EQ(Number(1e15), "1000000000000000");
  EXPECT_EQ(Number(9007199254740992.0), "9007199254740992");
  EXPECT_EQ(Number(-9223372036854774784.0), "-9223372036854774784");
  EXPECT_EQ(Number(9223372036854775808.0), "9223372036854775808");
  EXPECT_EQ(Number(1e300), "1e+300");
}

TEST(RenderOpenMetrics, FractionsComeBackAsTheyWere) {
  EXPECT_EQ(Number(0.1), "0.1");
  EXPECT_EQ(Number(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(Number(123456.789), "123456.789");
  for (const double value : {1.0 / 3, 1e-7, std::numeric_limits<double>::denorm_min(), 1.5e300}) {
    EXPECT_EQ(std::strtod(Number(value).c_str(), nullptr), value);
  }
}

TEST(RenderOpenMetrics, WritesWhatIsNoNumberAsTheFormatHasIt) {
  EXPECT_EQ(Number(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(Number(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(Number(-std::numeric_limits<double>::infinity()), "-Inf");
}

TEST(RenderOpenMetrics, HistogramsHaveBucketsCountAndSum) {
  EXPECT_EQ(RenderOpenMetrics({{"a_seconds",
                                "h",
                                MetricType::kHistogram,
                                {{{{"x", "1"}}, 5, 12.5, {{0.5, 1}, {1, 4}}}, {{}, 0, 0, {}}}}}),
            "# TYPE a_seconds histogram\n"
            "# UNIT a_seconds seconds\n"
            "# HELP a_seconds h\n"
            "a_seconds_bucket{x=\"1\",le=\"0.5\"} 1\n"
            "a_seconds_bucket{x=\"1\",le=\"1.0\"} 4\n"
            "a_seconds_bucket{x=\"1\",le=\"+Inf\"} 5\n"
            "a_seconds_count{x=\"1\"} 5\n"
            "a_seconds_sum{x=\"1\"} 12.5\n"
            "a_seconds_bucket{le=\"+Inf\"} 0\n"
            "a_seconds_count 0\n"
            "a_seconds_sum 0\n");
}

TEST(RenderOpenMetrics, BoundsAreFloatsAsGoWritesThem) {
  for (const auto& [bound, text] :
       std::vector<std::pair<double, std::string>>{{0, "0.0"},
                                                   {0.0001, "0.0001"},
                                                   {0.00001, "1e-05"},
                                                   {0.25, "0.25"},
                                                   {10, "10.0"},
                                                   {86400, "86400.0"},
                                                   {432000, "432000.0"},
                                                   {1e6, "1e+06"},
                                                   {1234567, "1.234567e+06"}}) {
    EXPECT_THAT(RenderOpenMetrics({{"a", "h", MetricType::kHistogram, {{{}, 1, 1, {{bound, 1}}}}}}),
                HasSubstr("{le=\"" + text + "\"}"));
  }
}

}  // namespace
}  // namespace conntrack::exporter
