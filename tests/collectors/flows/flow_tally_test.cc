#include "collectors/flows/flow_tally.h"

#include <gtest/gtest.h>

#include "tests/support/flows.h"

namespace conntrack {
namespace {

TEST(FlowTally, CountsNothingBesideWhatIsAskedFor) {
  FlowTally tally;
  tally.Visit(test::TcpFlow("10.0.0.1", "10.0.0.2"));
  const auto summary = tally.Summary();
  EXPECT_EQ(summary.counts.flows(), 1U);
  EXPECT_FALSE(summary.talkers.has_value());
  EXPECT_FALSE(summary.snat.has_value());
}

TEST(FlowTally, ShowsEveryFlowToAllThatCount) {
  FlowTally tally({.talkers = TalkersOptions{}, .snat_top = 10});
  for (int walk = 0; walk < 2; ++walk) {
    tally.Begin();
    tally.Visit(test::TcpFlow("10.0.0.1", "10.0.0.2"));
    tally.Visit(test::Translated(test::TcpFlow("10.0.0.1", "192.0.2.1"), "198.51.100.1", 1024));
    const auto summary = tally.Summary();
    EXPECT_EQ(summary.counts.flows(), 2U);
    EXPECT_EQ(summary.talkers->sources.top.at(0).flows, 2U);
    EXPECT_EQ(summary.snat->tuples.top.at(0).flows, 1U);
  }
}

}  // namespace
}  // namespace conntrack
