#include "diagnosis/flow_rows.h"

#include <gmock/gmock.h>

namespace conntrack {
namespace {

using testing::ElementsAre;

FlowFigures Flows() {
  FlowFigures flows;
  flows.flows = 100;
  flows.protocols = {{"tcp", 60, 15}, {"udp", 40, 0}};
  flows.states = {{"tcp", "ESTABLISHED", 60, 432'000},
                  {"udp", "REPLIED", 30, 120},
                  {"udp", "UNREPLIED", 8, 30},
                  {"dccp", "OPEN", 2, std::nullopt},
                  {"sctp", "COOKIE_WAIT", 1, 30}};
  return flows;
}

TEST(FlowRows, StatesHaveTheirTimeoutAndProtocolsTheirShareOfUnreplied) {
  const auto states = StateRows(Flows());
  EXPECT_EQ(states[0].name, "tcp ESTABLISHED");
  EXPECT_EQ(states[0].flows, 60U);
  EXPECT_EQ(states[0].more, "5 d");
  EXPECT_EQ(states[3].more, "");
  EXPECT_EQ(ProtocolRows(Flows())[0].more, "25.0 %");
}

TEST(FlowRows, OthersAreWhatHasNoRow) {
  const auto rows = TopRows(StateRows(Flows()), 2, 7);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_FALSE(rows[1].others);
  EXPECT_EQ(rows[2].name, "all others");
  EXPECT_EQ(rows[2].flows, 18U);
  EXPECT_TRUE(rows[2].others);
  EXPECT_EQ(TopRows(StateRows(Flows()), 5).size(), 5U);
}

TEST(FlowRows, StatesWithTheSameTimeoutAreOneShare) {
  const auto shares = TimeoutSharesOf(Flows());
  ASSERT_EQ(shares.size(), 4U);
  EXPECT_EQ(shares[2].seconds, 30U);
  EXPECT_EQ(shares[2].flows, 9U);
  EXPECT_THAT(shares[2].states, ElementsAre("udp UNREPLIED", "sctp COOKIE_WAIT"));
  EXPECT_EQ(shares[3].seconds, std::nullopt);
}

}  // namespace
}  // namespace conntrack
