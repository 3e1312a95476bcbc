#include "exporter/exposition.h"

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

TEST(RenderText, EscapesLabelValues) {
  EXPECT_THAT(RenderText({{"a", "h", MetricType::kGauge, {{{{"x", "quote\" back\\ line\n"}}, 1}}}}),
              HasSubstr(R"(x="quote\" back\\ line\n")"));
}

TEST(RenderText, KeepsEveryDigitOfALargeMemory) {
  EXPECT_THAT(RenderText({Gauge("bytes", "h", 1099511627776.0)}),
              HasSubstr("bytes 1099511627776\n"));
}

TEST(TextRenderer, WritesWhatRenderTextWrites) {
  const std::vector<Family> families = {
      Gauge("a", "h", 1), {"empty", "h", MetricType::kGauge, {}}, Counter("b_total", "h", 2)};
  TextRenderer renderer;
  EXPECT_EQ(renderer.Render(families), RenderText(families));
  EXPECT_EQ(renderer.Render(families), RenderText(families));
}

TEST(TextRenderer, NoticesEveryChange) {
  TextRenderer renderer;
  const std::vector<std::vector<Family>> scrapes = {
      {Gauge("a", "h", 1)},
      {Gauge("a", "h", 2)},
      {Gauge("a", "other help", 2)},
      {{"a", "h", MetricType::kGauge, {{{{"x", "1"}}, 2}}}},
      {{"a", "h", MetricType::kGauge, {{{{"x", "2"}}, 2}}}},
      {{"a", "h", MetricType::kGauge, {{{{"x", "2"}}, 2}, {{{"x", "3"}}, 2}}}},
      {{"a", "h", MetricType::kCounter, {{{{"x", "2"}}, 2}, {{{"x", "3"}}, 2}}}},
      {{"a", "h", MetricType::kHistogram, {{{}, 2, 3, {{1, 1}}}}}},
      {{"a", "h", MetricType::kHistogram, {{{}, 2, 3, {{1, 2}}}}}},
      {{"a", "h", MetricType::kHistogram, {{{}, 2, 4, {{1, 2}}}}}},
      {Gauge("a", "h", 1)},
  };
  for (const auto& families : scrapes) EXPECT_EQ(renderer.Render(families), RenderText(families));
}

}  // namespace
}  // namespace conntrack::exporter
