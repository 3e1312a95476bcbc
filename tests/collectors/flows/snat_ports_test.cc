#include "collectors/flows/snat_ports.h"

#include <gmock/gmock.h>

#include "tests/support/flows.h"

namespace conntrack {
namespace {

using kernel::Flow;
using test::TcpFlow;
using test::Translated;
using testing::ElementsAre;
using testing::FieldsAre;
using testing::IsEmpty;

Flow ToRemote(const char* remote, std::uint16_t remote_port, std::uint16_t port) {
  return Translated(TcpFlow("10.0.0.1", remote, remote_port), "198.51.100.1", port);
}

TEST(SnatPorts, CountsPortsTowardsEachRemoteEndpoint) {
  SnatPorts ports(10);
  ports.Visit(ToRemote("192.0.2.1", 443, 1024));
  ports.Visit(ToRemote("192.0.2.1", 443, 1025));
  ports.Visit(ToRemote("192.0.2.1", 80, 1024));
  const auto summary = ports.Summary();
  EXPECT_THAT(summary.tuples.top,
              ElementsAre(FieldsAre(FieldsAre("198.51.100.1", "tcp", "192.0.2.1", "443", "0"), 2),
                          FieldsAre(FieldsAre("198.51.100.1", "tcp", "192.0.2.1", "80", "0"), 1)));
  EXPECT_THAT(summary.uses, ElementsAre(PortUse{2, 1}, PortUse{1, 1}));
}

TEST(SnatPorts, TheRemoteEndpointIsThatBehindDestinationNat) {
  SnatPorts ports(10);
  auto flow = ToRemote("192.0.2.1", 443, 1024);
  flow.status |= IPS_DST_NAT;
  flow.reply.source = test::AddressOf("10.8.0.1");
  flow.reply.source_port = 8443;
  ports.Visit(flow);
  EXPECT_EQ(ports.Summary().tuples.top.front().name,
            (SnatTuple{"198.51.100.1", "tcp", "10.8.0.1", "8443", "0"}));
}

TEST(SnatPorts, OnlyTranslatedFlowsOfProtocolsWithPortsCount) {
  SnatPorts ports(10);
  ports.Visit(TcpFlow("10.0.0.1", "192.0.2.1"));
  auto flow = TcpFlow("10.0.0.1", "192.0.2.1");
  flow.status = IPS_DST_NAT | IPS_SRC_NAT_DONE;
  ports.Visit(flow);
  flow = ToRemote("192.0.2.1", 0, 77);
  for (const int protocol : {IPPROTO_ICMP, IPPROTO_GRE}) {
    flow.protocol = static_cast<std::uint8_t>(protocol);
    ports.Visit(flow);
  }
  EXPECT_THAT(ports.Summary().tuples.top, IsEmpty());
  EXPECT_EQ(ports.Summary().tuples.other, 0U);
  EXPECT_THAT(ports.Summary().uses, IsEmpty());
}

TEST(SnatPorts, ProtocolsFamiliesAndZonesOfTheReplyHavePoolsOfTheirOwn) {
  SnatPorts ports(10);
  auto flow = ToRemote("192.0.2.1", 443, 1024);
  ports.Visit(flow);
  flow.zone = 5;  // of the original direction: the same pool
  ports.Visit(flow);
  flow.reply_zone = 5;
  ports.Visit(flow);
  flow.protocol = IPPROTO_SCTP;
  ports.Visit(flow);
  ports.Visit(Translated(TcpFlow("fd00::1", "2001:db8::1"), "2001:db8::9", 1024));
  EXPECT_THAT(
      ports.Summary().tuples.top,
      ElementsAre(FieldsAre(FieldsAre("198.51.100.1", "tcp", "192.0.2.1", "443", "0"), 2),
                  FieldsAre(FieldsAre("2001:db8::9", "tcp", "2001:db8::1", "443", "0"), 1),
                  FieldsAre(FieldsAre("198.51.100.1", "tcp", "192.0.2.1", "443", "5"), 1),
                  FieldsAre(FieldsAre("198.51.100.1", "sctp", "192.0.2.1", "443", "5"), 1)));
}

TEST(SnatPorts, TuplesAboveCountsAllOfThemNotOnlyThoseNamed) {
  SnatPorts ports(1);
  for (std::uint16_t port = 1; port <= 5; ++port) {
    for (std::uint16_t remote = 1; remote <= port; ++remote) {
      ports.Visit(ToRemote("192.0.2.1", remote, port));
    }
  }
  const auto summary = ports.Summary();  // remote port 1 has 5 ports in use, 2 has 4, ... 5 has 1
  EXPECT_EQ(summary.tuples.top.size(), 1U);
  EXPECT_EQ(summary.tuples.other, 10U);
  EXPECT_EQ(summary.TuplesAbove(0), 5U);
  EXPECT_EQ(summary.TuplesAbove(3), 2U);
  EXPECT_EQ(summary.TuplesAbove(4), 1U);
  EXPECT_EQ(summary.TuplesAbove(5), 0U);
}

TEST(SnatPorts, BeginForgetsEverything) {
  SnatPorts ports(10);
  ports.Visit(ToRemote("192.0.2.1", 443, 1024));
  ports.Begin();
  EXPECT_THAT(ports.Summary().tuples.top, IsEmpty());
  EXPECT_EQ(ports.Summary().tuples.other, 0U);
}

}  // namespace
}  // namespace conntrack
