#include "exporter/web/pages/collector_selection.h"

#include <gmock/gmock.h>

namespace conntrack::exporter::web {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> kAvailable{"table", "stat", "flows"};

TEST(SelectCollectors, AllWithoutAWish) {
  EXPECT_EQ(SelectCollectors({}, kAvailable).value(), kAvailable);
  EXPECT_EQ(SelectCollectors({{"name[]", "x"}, {"collect", "x"}}, kAvailable).value(), kAvailable);
}

TEST(SelectCollectors, OnlyTheCollectedInTheOrderOfTheCatalogueAndOnce) {
  EXPECT_THAT(
      SelectCollectors({{"collect[]", "flows"}, {"collect[]", "table"}, {"collect[]", "flows"}},
                       kAvailable)
          .value(),
      ElementsAre("table", "flows"));
}

TEST(SelectCollectors, AllButTheExcluded) {
  EXPECT_THAT(SelectCollectors({{"exclude[]", "stat"}}, kAvailable).value(),
              ElementsAre("table", "flows"));
}

TEST(SelectCollectors, MayLeaveNothing) {
  EXPECT_THAT(
      SelectCollectors({{"exclude[]", "stat"}, {"exclude[]", "table"}, {"exclude[]", "flows"}},
                       kAvailable)
          .value(),
      ElementsAre());
}

TEST(SelectCollectors, RefusesBothKindsAtOnce) {
  EXPECT_THAT(SelectCollectors({{"exclude[]", "stat"}, {"collect[]", "table"}}, kAvailable).error(),
              HasSubstr("not both"));
}

TEST(SelectCollectors, NamesTheUnknownCollectorAndThoseThatAreOn) {
  EXPECT_EQ(SelectCollectors({{"collect[]", "talkers"}}, kAvailable).error(),
            "Collector \"talkers\" is unknown or switched off. On are: table stat flows.\n");
  EXPECT_THAT(SelectCollectors({{"exclude[]", ""}}, kAvailable).error(), HasSubstr("\"\""));
  EXPECT_THAT(SelectCollectors({{"collect[]", "a"}}, {}).error(), HasSubstr("none"));
}

TEST(SelectCollectors, QuotesNoHostileText) {
  const std::string hostile = "\r\nSet-Cookie: a\x1b[2J" + std::string(10'000, 'a');
  const std::string error = SelectCollectors({{"collect[]", hostile}}, kAvailable).error();
  EXPECT_LT(error.size(), 200u);
  EXPECT_THAT(error, AllOf(Not(HasSubstr("\r")), Not(HasSubstr("\x1b"))));
}

}  // namespace
}  // namespace conntrack::exporter::web
