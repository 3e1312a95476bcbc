#include "exporter/metrics/exposition.h"

#include <gtest/gtest.h>

namespace conntrack::exporter {
namespace {

TEST(FamilyRenderer, WritesWhatTheFormatWrites) {
  const std::vector<Family> families = {
      Gauge("a", "h", 1), {"empty", "h", MetricType::kGauge, {}}, Counter("b_total", "h", 2)};
  FamilyRenderer renderer(RenderText);
  EXPECT_EQ(renderer.Render(families), RenderText(families));
  EXPECT_EQ(renderer.Render(families), RenderText(families));
}

TEST(FamilyRenderer, NoticesEveryChange) {
  FamilyRenderer renderer(RenderText);
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

TEST(FamilyRenderer, RendersOnlyWhatHasChanged) {
  static int renderings = 0;
  FamilyRenderer renderer([](const std::vector<Family>& families) {
    ++renderings;
    return RenderText(families);
  });
  static_cast<void>(renderer.Render({Gauge("a", "h", 1), Gauge("b", "h", 1)}));
  EXPECT_EQ(renderings, 2);
  static_cast<void>(renderer.Render({Gauge("a", "h", 1), Gauge("b", "h", 2)}));
  EXPECT_EQ(renderings, 3);
}

}  // namespace
}  // namespace conntrack::exporter
