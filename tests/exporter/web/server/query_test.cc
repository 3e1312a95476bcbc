#include "exporter/web/server/query.h"

#include <gmock/gmock.h>

#include <string>

namespace conntrack::exporter::web {
namespace {

using testing::ElementsAre;

TEST(PercentDecode, ReplacesEscapesInEitherCaseOfLetters) {
  EXPECT_EQ(PercentDecode("a%5Bb%5d%20c"), "a[b] c");
}

TEST(PercentDecode, KeepsNulAndDoesNotDecodeTwice) {
  EXPECT_EQ(PercentDecode("x%00y"), std::string("x\0y", 3));
  EXPECT_EQ(PercentDecode("%2541"), "%41");
}

TEST(PercentDecode, KeepsPlus) { EXPECT_EQ(PercentDecode("a+b"), "a+b"); }

TEST(PercentDecode, RefusesBrokenEscapes) {
  for (const auto* text : {"%", "%4", "a%zz", "%-1", "%+1", "%4g", "% 1"}) {
    EXPECT_EQ(PercentDecode(text), std::nullopt) << text;
  }
}

TEST(ParseQuery, EmptyQueryHasNoParameters) { EXPECT_THAT(ParseQuery("").value(), ElementsAre()); }

TEST(ParseQuery, KeepsRepeatedParametersInOrderHoweverTheirNameIsEncoded) {
  EXPECT_THAT(ParseQuery("collect[]=b&collect%5B%5D=a&x=1").value(),
              ElementsAre(QueryParameter{"collect[]", "b"}, QueryParameter{"collect[]", "a"},
                          QueryParameter{"x", "1"}));
}

TEST(ParseQuery, SplitsBeforeItDecodes) {
  EXPECT_THAT(ParseQuery("a=1%262&b%3Dc=d=e").value(),
              ElementsAre(QueryParameter{"a", "1&2"}, QueryParameter{"b=c", "d=e"}));
}

TEST(ParseQuery, PlusIsASpace) {
  EXPECT_THAT(ParseQuery("a+b=c+d%2B").value(), ElementsAre(QueryParameter{"a b", "c d+"}));
}

TEST(ParseQuery, MissingParts) {
  EXPECT_THAT(
      ParseQuery("&a&&=b&c=&").value(),
      ElementsAre(QueryParameter{"a", ""}, QueryParameter{"", "b"}, QueryParameter{"c", ""}));
}

TEST(ParseQuery, RefusesTheWholeQueryWhereOneEscapeIsBroken) {
  EXPECT_EQ(ParseQuery("collect[]=table&exclude%5=stat"), std::nullopt);
  EXPECT_EQ(ParseQuery("a=%g0"), std::nullopt);
}

TEST(ParseQuery, RefusesMoreParametersThanAreOfUse) {
  std::string query;
  for (std::size_t i = 0; i < kMaxQueryParameters; ++i) query += "collect[]=table&";
  EXPECT_EQ(ParseQuery(query).value().size(), kMaxQueryParameters);
  EXPECT_EQ(ParseQuery(query + "a"), std::nullopt);
}

}  // namespace
}  // namespace conntrack::exporter::web
