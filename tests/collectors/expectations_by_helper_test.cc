#include "collectors/expectations_by_helper.h"

#include <gmock/gmock.h>

#include "tests/support/families.h"
#include "tests/support/test_access.h"

namespace conntrack {
namespace {

using testing::ElementsAre;
using testing::Pair;

using Series = std::vector<std::pair<std::string, double>>;

/// What there is where these helpers, which may repeat, have one expectation each.
Series SeriesOf(const std::vector<std::string>& helpers) {
  const auto access = test::AccessTo(
      "6.18-2cpu", test::OpenFake([&](const kernel::CtnetlinkRequest& request) {
        test::DatagramBuilder datagram(test::kPort, request.sequence());
        for (const auto& helper : helpers) {
          datagram.Message(test::kExpectationReply, test::ExpectationMessage(helper));
        }
        return test::Answer{{datagram.Done().bytes()}, {}};
      }));
  const auto collection = ExpectationsByHelperCollector(access).Collect(test::Patient());
  if (!collection) return {};
  EXPECT_EQ(collection->families.size(), 1U);
  Series series;
  for (const auto& sample : collection->families.front().samples) {
    series.emplace_back(sample.labels.front().value, sample.value);
  }
  return series;
}

TEST(ExpectationsByHelper, CountsEachHelperTheMostFirst) {
  EXPECT_THAT(SeriesOf({"ftp", "sip", "", "sip"}),
              ElementsAre(Pair("sip", 2), Pair("none", 1), Pair("ftp", 1), Pair("other", 0)));
}

TEST(ExpectationsByHelper, AHelperCalledNoneHasNoSecondSeries) {
  EXPECT_THAT(SeriesOf({"none", "", "none"}), ElementsAre(Pair("none", 3), Pair("other", 0)));
}

TEST(ExpectationsByHelper, OtherIsThereWithoutAnyExpectation) {
  EXPECT_THAT(SeriesOf({}), ElementsAre(Pair("other", 0)));
}

TEST(ExpectationsByHelper, ThoseBeyondTheLimitAreSummedUp) {
  std::vector<std::string> helpers = {"other"};  // one that is called like our own word
  for (int port = 0; port < 40; ++port) helpers.push_back("sip-" + std::to_string(port));
  helpers.insert(helpers.end(), {"ftp", "ftp"});
  const auto series = SeriesOf(helpers);
  ASSERT_EQ(series.size(), 33U);
  EXPECT_THAT(series.front(), Pair("ftp", 2));
  EXPECT_THAT(series.back(), Pair("other", 1 + 40 - 31));
}

TEST(ExpectationsByHelper, SaysWhyThereIsNone) {
  ExpectationsByHelperCollector denied(test::AccessTo("6.18-2cpu"));
  EXPECT_EQ(denied.Collect(test::Patient()).error().kind, ErrorKind::kDenied);
}

}  // namespace
}  // namespace conntrack
