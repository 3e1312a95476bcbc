#include "exporter/web/pages/weighted_list.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace conntrack::exporter::web {
namespace {

using testing::ElementsAre;

std::vector<std::string> Elements(std::string_view text) {
  std::vector<std::string> elements;
  while (!text.empty()) elements.emplace_back(TakeElement(text, ','));
  return elements;
}

TEST(TakeElement, CutsAtTheSeparatorAndTrims) {
  EXPECT_THAT(Elements("a, b\t,,c"), ElementsAre("a", "b", "", "c"));
  EXPECT_THAT(Elements("a,"), ElementsAre("a"));
  EXPECT_THAT(Elements(""), ElementsAre());
}

TEST(TakeElement, SeparatorInQuotesIsText) {
  EXPECT_THAT(Elements(R"(a="x,y",b)"), ElementsAre(R"(a="x,y")", "b"));
  EXPECT_THAT(Elements(R"("x\",y",b)"), ElementsAre(R"("x\",y")", "b"));
}

TEST(TakeElement, QuotesThatDoNotEndTakeTheRest) {
  EXPECT_THAT(Elements(R"(a,"b,c)"), ElementsAre("a", R"("b,c)"));
  EXPECT_THAT(Elements(R"("b,\)"), ElementsAre(R"("b,\)"));
}

TEST(ParseWeight, IsFromZeroToOne) {
  EXPECT_EQ(ParseWeight("0"), 0);
  EXPECT_EQ(ParseWeight("0.0"), 0);
  EXPECT_EQ(ParseWeight("0.25"), 0.25);
  EXPECT_EQ(ParseWeight("1.000"), 1);
  for (const auto* text :
       {"", "x", "-0.1", "-1", "1.001", "2", "nan", "inf", "0x1", "1e-1", "0.5x", " 0.5", "+0.5"}) {
    EXPECT_EQ(ParseWeight(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace conntrack::exporter::web
