#include "exporter/metrics/exposition.h"

#include <gmock/gmock.h>

namespace conntrack::exporter {
namespace {

using testing::HasSubstr;

TEST(RenderText, WritesHelpTypeAndSamples) {
  EXPECT_EQ(
      RenderText({{"a_total", "Help.", MetricType::kCounter, {{{{"cpu", "0"}}, 4294967295.0}}}}),
      "# HELP a_total Help.\n# TYPE a_total counter\na_total{cpu=\"0\"} 4294967295\n");
}

TEST(RenderText, WritesAHistogramWithItsInfiniteBucket) {
  Sample sample{{{"x", "y"}}, 7};
  sample.sum = 1.5;
  sample.buckets = {{0.1, 2}, {5, 6}};
  EXPECT_EQ(RenderText({{"a_seconds", "Help.", MetricType::kHistogram, {sample}}}),
            "# HELP a_seconds Help.\n"
            "# TYPE a_seconds histogram\n"
            "a_seconds_count{x=\"y\"} 7\n"
            "a_seconds_sum{x=\"y\"} 1.5\n"
            "a_seconds_bucket{x=\"y\",le=\"0.1\"} 2\n"
            "a_seconds_bucket{x=\"y\",le=\"5\"} 6\n"
            "a_seconds_bucket{x=\"y\",le=\"+Inf\"} 7\n");
}

TEST(RenderText, LeavesOutFamiliesWithoutSamples) {
  EXPECT_EQ(RenderText({{"empty", "Help.", MetricType::kGauge, {}}}), "");
}

TEST(RenderText, EscapesHelpAndLabelValues) {
  const Family family{"a",
                      "say \"no\" \\ twice\n",
                      MetricType::kGauge,
                      {{{{"x", "quote\" back\\ line\n\xff"}}, 1}}};
  EXPECT_EQ(RenderText({family}), R"(# HELP a say "no" \\ twice\\x0a)"
                                  "\n# TYPE a gauge\n"
                                  R"(a{x="quote\" back\\ line\\x0a\\xff"} 1)"
                                  "\n");
}

TEST(RenderText, KeepsEveryDigitOfALargeMemory) {
  EXPECT_THAT(RenderText({Gauge("bytes", "h", 1099511627776.0)}),
              HasSubstr("bytes 1099511627776\n"));
}

}  // namespace
}  // namespace conntrack::exporter
