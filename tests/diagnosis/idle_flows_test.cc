#include "diagnosis/idle_flows.h"

// Before <linux/...>, which redefines parts of it otherwise.
#include <netinet/in.h>

#include <gtest/gtest.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>

namespace conntrack {
namespace {

constexpr std::uint64_t kTimeout = 432'000;
constexpr std::uint64_t kHour = 3600;

kernel::Flow Established(std::uint32_t seconds_left) {
  kernel::Flow flow;
  flow.protocol = IPPROTO_TCP;
  flow.state = TCP_CONNTRACK_ESTABLISHED;
  flow.status = IPS_SEEN_REPLY | IPS_ASSURED;
  flow.timeout = seconds_left;
  return flow;
}

std::uint64_t CountOf(const kernel::Flow& flow, std::uint64_t timeout = kTimeout) {
  IdleFlows idle(timeout, kHour);
  idle.Begin();
  idle.Visit(flow);
  return idle.flows();
}

TEST(IdleFlows, WhatIsMissingFromTheTimeoutIsTheTimeSinceTheLastPacket) {
  EXPECT_EQ(CountOf(Established(kTimeout)), 0U);
  EXPECT_EQ(CountOf(Established(kTimeout - kHour + 1)), 0U);
  EXPECT_EQ(CountOf(Established(kTimeout - kHour)), 1U);
  EXPECT_EQ(CountOf(Established(1)), 1U);
}

TEST(IdleFlows, OnlyEstablishedTcpThatWasAnsweredCounts) {
  auto closing = Established(1);
  closing.state = TCP_CONNTRACK_FIN_WAIT;
  EXPECT_EQ(CountOf(closing), 0U);
  auto udp = Established(1);
  udp.protocol = IPPROTO_UDP;
  EXPECT_EQ(CountOf(udp), 0U);
  auto picked_up = Established(299);
  picked_up.status = 0;
  EXPECT_EQ(CountOf(picked_up), 0U) << "it lives for 300 s at most, whatever the timeout";
  auto offloaded = Established(1);
  offloaded.timeout.reset();
  EXPECT_EQ(CountOf(offloaded), 0U);
}

TEST(IdleFlows, ATimeoutShorterThanTheIdleTimeMakesNoFlowIdle) {
  EXPECT_EQ(CountOf(Established(10), 600), 0U);
}

TEST(IdleFlows, ANewWalkForgetsTheLast) {
  IdleFlows idle(kTimeout, kHour);
  idle.Begin();
  idle.Visit(Established(1));
  idle.Begin();
  EXPECT_EQ(idle.flows(), 0U);
}

}  // namespace
}  // namespace conntrack
