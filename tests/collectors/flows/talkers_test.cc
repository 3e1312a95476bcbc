#include "collectors/flows/talkers.h"

#include <gmock/gmock.h>

#include <numeric>

#include "tests/support/flows.h"

namespace conntrack {
namespace {

using test::TcpFlow;
using testing::ElementsAre;
using testing::FieldsAre;

template <class Name>
std::uint64_t Sum(const TopList<Name>& list) {
  return std::accumulate(list.top.begin(), list.top.end(), list.other,
                         [](auto sum, const auto& entry) { return sum + entry.flows; });
}

TEST(Talkers, CountsTheOriginalDirectionByAddressAndService) {
  Talkers talkers({});
  talkers.Visit(TcpFlow("10.0.0.1", "192.0.2.1", 443));
  talkers.Visit(test::Translated(TcpFlow("10.0.0.1", "192.0.2.2", 80), "198.51.100.1", 1024));
  talkers.Visit(TcpFlow("10.0.0.2", "192.0.2.1", 443));
  const auto summary = talkers.Summary();
  EXPECT_THAT(summary.sources.top, ElementsAre(FieldsAre("10.0.0.1", 2), FieldsAre("10.0.0.2", 1)));
  EXPECT_THAT(summary.destinations.top,
              ElementsAre(FieldsAre("192.0.2.1", 2), FieldsAre("192.0.2.2", 1)));
  EXPECT_THAT(summary.services.top, ElementsAre(FieldsAre(FieldsAre("tcp", "443"), 2),
                                                FieldsAre(FieldsAre("tcp", "80"), 1)));
  EXPECT_EQ(summary.sources.other, 0U);
  EXPECT_EQ(summary.sources.max_error, 0U);
  EXPECT_TRUE(summary.classes.empty());
}

TEST(Talkers, AddressesOfIpv6AreGroupedByTheirNetwork) {
  Talkers talkers({});
  talkers.Visit(TcpFlow("2001:db8::1", "2001:db8:1::1"));
  talkers.Visit(TcpFlow("2001:db8::ffff:2", "2001:db8:1::2"));
  EXPECT_THAT(talkers.Summary().sources.top, ElementsAre(FieldsAre("2001:db8::/64", 2)));
}

TEST(Talkers, TheGroupingCanBeChosen) {
  Talkers talkers({.ipv4_prefix = 24, .ipv6_prefix = 128, .classes = {}});
  talkers.Visit(TcpFlow("10.0.0.1", "10.0.1.1"));
  talkers.Visit(TcpFlow("10.0.0.2", "10.0.1.1"));
  talkers.Visit(TcpFlow("2001:db8::1", "2001:db8::2"));
  EXPECT_THAT(talkers.Summary().sources.top,
              ElementsAre(FieldsAre("10.0.0.0/24", 2), FieldsAre("2001:db8::1", 1)));
}

TEST(Talkers, AnIpv4AddressIsNotTheIpv6AddressWithTheSameBytes) {
  Talkers talkers({});
  talkers.Visit(TcpFlow("32.1.13.184", "10.0.0.1"));
  talkers.Visit(TcpFlow("2001:db8::", "2001:db8::1"));
  EXPECT_EQ(talkers.Summary().sources.top.size(), 2U);
}

TEST(Talkers, ProtocolsWithoutPortsHaveNone) {
  Talkers talkers({});
  auto flow = TcpFlow("10.0.0.1", "10.0.0.2", 2048);
  for (const auto protocol :
       {IPPROTO_ICMP, IPPROTO_GRE, IPPROTO_GRE, IPPROTO_UDP, IPPROTO_UDP, IPPROTO_UDP}) {
    flow.protocol = static_cast<std::uint8_t>(protocol);
    flow.original.destination_port = static_cast<std::uint16_t>(
        flow.original.destination_port + (protocol == IPPROTO_GRE ? 1 : 0));  // a key
    if (protocol == IPPROTO_UDP) flow.original.destination_port = 0;
    talkers.Visit(flow);
  }
  EXPECT_THAT(talkers.Summary().services.top, ElementsAre(FieldsAre(FieldsAre("udp", "0"), 3),
                                                          FieldsAre(FieldsAre("gre", "none"), 2),
                                                          FieldsAre(FieldsAre("icmp", "none"), 1)));
}

TEST(Talkers, WhoIsNotNamedIsInOther) {
  Talkers talkers({.top = 1, .classes = {}});
  for (const auto* source : {"10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.3"}) {
    talkers.Visit(TcpFlow(source, "10.9.9.9"));
  }
  const auto summary = talkers.Summary();
  EXPECT_THAT(summary.sources.top, ElementsAre(FieldsAre("10.0.0.2", 2)));
  EXPECT_EQ(summary.sources.other, 2U);
}

TEST(Talkers, FlowsOfAnUnknownFamilyAreInOtherToo) {
  Talkers talkers({.classes = {ParseAddressClass("0.0.0.0/0=all").value()}});
  auto flow = TcpFlow("10.0.0.1", "10.0.0.2");
  flow.family = AF_UNIX;
  talkers.Visit(flow);
  const auto summary = talkers.Summary();
  EXPECT_TRUE(summary.sources.top.empty());
  EXPECT_EQ(summary.sources.other, 1U);
  EXPECT_EQ(Sum(summary.services), 1U);
  EXPECT_EQ(summary.classes.back().as_source, 1U);
}

TEST(Talkers, ClassesCountBothEndsOfEachFlow) {
  Talkers talkers({.classes = {ParseAddressClass("10.0.0.0/8=inside").value(),
                               ParseAddressClass("2001:db8::/32=inside").value()}});
  talkers.Visit(TcpFlow("10.0.0.1", "192.0.2.1"));
  talkers.Visit(TcpFlow("10.0.0.1", "10.0.0.2"));
  talkers.Visit(TcpFlow("2001:db8::1", "2001:db9::1"));
  const auto classes = talkers.Summary().classes;
  EXPECT_THAT(classes, ElementsAre(FieldsAre("inside", 3, 1), FieldsAre("other", 0, 2)));
}

TEST(Talkers, SumsStayTrueAndErrorsStatedWhenThereIsNoRoomForAll) {
  constexpr std::uint32_t kManyFlows = 100'000;
  Talkers talkers({});
  auto flow = TcpFlow("10.0.0.0", "192.0.2.1");
  for (std::uint32_t i = 0; i < kManyFlows; ++i) {
    for (std::size_t byte = 0; byte < 3; ++byte) {
      flow.original.source[3 - byte] = static_cast<std::uint8_t>(i >> byte * 8);
    }
    talkers.Visit(flow);
    if (i % 20 == 0) talkers.Visit(TcpFlow("172.16.0.1", "192.0.2.1"));
  }
  const auto summary = talkers.Summary();
  EXPECT_EQ(Sum(summary.sources), kManyFlows + kManyFlows / 20);
  EXPECT_GT(summary.sources.max_error, 0U);
  EXPECT_LE(summary.sources.max_error, (kManyFlows + kManyFlows / 20) / 8192);
  ASSERT_EQ(summary.sources.top.front().name, "172.16.0.1");
  EXPECT_LE(summary.sources.top.front().flows, kManyFlows / 20);
  EXPECT_GE(summary.sources.top.front().flows + summary.sources.max_error, kManyFlows / 20);
  EXPECT_EQ(summary.destinations.max_error, 0U);
}

TEST(Talkers, PairsAreCountedBySourceDestinationAndService) {
  Talkers talkers({.pairs = true});
  talkers.Visit(TcpFlow("10.0.0.1", "192.0.2.1", 443));
  talkers.Visit(TcpFlow("10.0.0.1", "192.0.2.1", 443));
  talkers.Visit(TcpFlow("10.0.0.1", "192.0.2.1", 80));
  talkers.Visit(TcpFlow("10.0.0.2", "192.0.2.1", 443));
  talkers.Visit(TcpFlow("2001:db8::1", "2001:db9::1", 53));
  auto unknown = TcpFlow("10.0.0.1", "192.0.2.1", 443);
  unknown.family = AF_UNIX;
  talkers.Visit(unknown);
  const auto summary = talkers.Summary();
  EXPECT_EQ(summary.pairs->top.front(),
            (TopList<Route>::Entry{{"10.0.0.1", "192.0.2.1", Service{"tcp", "443"}}, 2}));
  EXPECT_EQ(summary.pairs->top.back().name,
            (Route{"2001:db8::/64", "2001:db9::/64", Service{"tcp", "53"}}));
  EXPECT_EQ(summary.pairs->top.size(), 4U);
  EXPECT_EQ(summary.pairs->other, 1U);
  EXPECT_TRUE(summary.backends->top.empty()) << "nothing was redirected";
  EXPECT_EQ(summary.backends->other, 0U);
}

TEST(Talkers, BackendsAreWholeAddressesOfRedirectedFlows) {
  Talkers talkers({.top = 1, .ipv4_prefix = 8, .pairs = true});
  talkers.Visit(TcpFlow("10.0.0.1", "10.96.0.1", 443));
  for (const auto* backend : {"10.0.1.1", "10.0.1.2", "10.0.1.2"}) {
    talkers.Visit(test::Redirected(TcpFlow("10.0.0.1", "10.96.0.1", 443), backend));
  }
  const auto summary = talkers.Summary();
  EXPECT_THAT(summary.backends->top,
              ElementsAre(FieldsAre(Route{"10.96.0.1", "10.0.1.2", {"tcp", "443"}}, 2)));
  EXPECT_EQ(summary.backends->other, 1U) << "only redirected flows are counted";
  EXPECT_EQ(Sum(*summary.pairs), 4U);
}

TEST(Talkers, PairsAreBoundedAndTheirErrorIsStated) {
  constexpr std::uint32_t kManyFlows = 50'000;
  Talkers talkers({.pairs = true});
  auto flow = TcpFlow("10.0.0.0", "192.0.2.1");
  for (std::uint32_t i = 0; i < kManyFlows; ++i) {
    for (std::size_t byte = 0; byte < 3; ++byte) {
      flow.original.source[3 - byte] = static_cast<std::uint8_t>(i >> byte * 8);
    }
    talkers.Visit(flow);
    if (i % 20 == 0) talkers.Visit(TcpFlow("172.16.0.1", "192.0.2.1"));
  }
  const auto pairs = *talkers.Summary().pairs;
  EXPECT_EQ(Sum(pairs), kManyFlows + kManyFlows / 20);
  EXPECT_GT(pairs.max_error, 0U);
  EXPECT_LE(pairs.max_error, (kManyFlows + kManyFlows / 20) / 4096);
  EXPECT_EQ(pairs.top.front().name.from, "172.16.0.1");
  EXPECT_GE(pairs.top.front().flows + pairs.max_error, kManyFlows / 20);
}

TEST(Talkers, BeginForgetsEverything) {
  Talkers talkers({.classes = {ParseAddressClass("10.0.0.0/8=inside").value()}, .pairs = true});
  auto flow = TcpFlow("10.0.0.1", "10.0.0.2");
  talkers.Visit(test::Redirected(flow, "10.0.0.3"));
  flow.family = AF_UNIX;
  talkers.Visit(flow);
  talkers.Begin();
  const auto summary = talkers.Summary();
  EXPECT_EQ(Sum(summary.sources) + Sum(summary.destinations) + Sum(summary.services), 0U);
  EXPECT_EQ(Sum(*summary.pairs) + Sum(*summary.backends), 0U);
  EXPECT_THAT(summary.classes, ElementsAre(FieldsAre("inside", 0, 0), FieldsAre("other", 0, 0)));
}

}  // namespace
}  // namespace conntrack
