#include "collectors/flows/flow_counts.h"

// Before <linux/...>, which redefines parts of it otherwise.
#include <netinet/in.h>

#include <gmock/gmock.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <sys/socket.h>

namespace conntrack {
namespace {

using kernel::Flow;
using testing::ElementsAre;
using testing::Pair;

constexpr std::size_t kIpv4 = 0;
constexpr std::size_t kIpv6 = 1;

Flow Udp(std::uint32_t status = 0, std::uint16_t zone = 0,
         std::optional<std::uint32_t> timeout = 30) {
  return {.family = AF_INET,
          .protocol = IPPROTO_UDP,
          .state = {},
          .status = status,
          .timeout = timeout,
          .zone = zone};
}

TEST(FlowCounts, EachFlowIsInOneStateOfOneProtocolOfOneFamily) {
  FlowCounts counts;
  counts.Visit(Udp());
  counts.Visit(Udp(IPS_SEEN_REPLY));
  Flow tcp{.family = AF_INET6,
           .protocol = IPPROTO_TCP,
           .state = 3,
           .status = IPS_SEEN_REPLY,
           .timeout = 1,
           .zone = 0};
  counts.Visit(tcp);
  EXPECT_EQ(counts.flows(), 3U);
  EXPECT_EQ(counts.Of(kIpv4, IPPROTO_UDP).flows, 2U);
  EXPECT_EQ(counts.Of(kIpv4, IPPROTO_UDP).states[0], 1U);
  EXPECT_EQ(counts.Of(kIpv6, IPPROTO_TCP).states[3], 1U);
  EXPECT_EQ(counts.Of(kIpv4, IPPROTO_TCP).flows, 0U);
}

TEST(FlowCounts, StatusBitsAreNotExclusive) {
  FlowCounts counts;
  counts.Visit(Udp(IPS_SEEN_REPLY | IPS_ASSURED | IPS_SRC_NAT | IPS_CONFIRMED | IPS_SRC_NAT_DONE));
  counts.Visit(Udp(IPS_DST_NAT));
  const auto& udp = counts.Of(kIpv4, IPPROTO_UDP);
  const auto with = [&udp](std::string_view name) {
    for (const auto& status : kernel::StatusNames()) {
      if (status.name == name) return udp.with(status);
    }
    return 999U;
  };
  EXPECT_EQ(with("unreplied"), 1U);
  EXPECT_EQ(with("assured"), 1U);
  EXPECT_EQ(with("snat"), 1U);
  EXPECT_EQ(with("dnat"), 1U);
  EXPECT_EQ(with("hw_offload"), 0U);
}

TEST(FlowCounts, ZonesAreSortedByFlowsAndAddUp) {
  FlowCounts counts;
  counts.Visit(Udp(0, 7));
  counts.Visit(Udp(0, 65535));
  counts.Visit(Udp(0, 65535));
  counts.Visit(Udp());
  EXPECT_THAT(counts.Zones(), ElementsAre(Pair(65535, 2), Pair(0, 1), Pair(7, 1)));
}

TEST(FlowCounts, LifetimesAreCumulativeAndIncludeTheirBound) {
  FlowCounts counts;
  counts.Visit(Udp(0, 0, 0));
  counts.Visit(Udp(0, 0, 10));
  counts.Visit(Udp(0, 0, 11));
  counts.Visit(Udp(0, 0, 432'000));
  counts.Visit(Udp(0, 0, 500'000));
  counts.Visit(Udp(0, 0, std::nullopt));
  const auto ending = counts.EndingWithin();
  EXPECT_EQ(ending[0], 2U);
  EXPECT_EQ(ending[1], 3U);
  EXPECT_EQ(ending.back(), 4U);
}

TEST(FlowCounts, BeginForgetsEverything) {
  FlowCounts counts;
  counts.Visit(Udp(IPS_ASSURED, 9));
  counts.Begin();
  EXPECT_EQ(counts.flows(), 0U);
  EXPECT_EQ(counts.Of(kIpv4, IPPROTO_UDP).flows, 0U);
  EXPECT_TRUE(counts.Zones().empty());
  EXPECT_EQ(counts.EndingWithin().back(), 0U);
}

}  // namespace
}  // namespace conntrack
