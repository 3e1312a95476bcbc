#include "kernel/flow.h"

#include <gmock/gmock.h>
// Before <linux/...>, which redefines parts of it otherwise.
#include <netinet/in.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_sctp.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <sys/socket.h>

namespace conntrack::kernel {
namespace {

std::string_view StateOf(const Flow& flow) { return StateNames(flow.protocol)[StateIndex(flow)]; }

Flow Tcp(std::optional<std::uint8_t> state, std::uint32_t status = IPS_SEEN_REPLY) {
  return {.family = AF_INET,
          .protocol = IPPROTO_TCP,
          .state = state,
          .status = status,
          .timeout = 1,
          .zone = 0};
}

TEST(StateNames, TcpAndSctpFollowTheKernelsNumbers) {
  EXPECT_EQ(StateOf(Tcp(TCP_CONNTRACK_NONE)), "NONE");
  EXPECT_EQ(StateOf(Tcp(TCP_CONNTRACK_CLOSE_WAIT)), "CLOSE_WAIT");
  EXPECT_EQ(StateOf(Tcp(TCP_CONNTRACK_SYN_SENT2)), "SYN_SENT2");
  Flow sctp = Tcp(SCTP_CONNTRACK_SHUTDOWN_ACK_SENT);
  sctp.protocol = IPPROTO_SCTP;
  EXPECT_EQ(StateOf(sctp), "SHUTDOWN_ACK_SENT");
}

TEST(StateNames, WhatWeDoNotKnowIsNotTakenForNone) {
  EXPECT_EQ(StateOf(Tcp(10)), "UNKNOWN");
  EXPECT_EQ(StateOf(Tcp(255)), "UNKNOWN");
  EXPECT_EQ(StateOf(Tcp(std::nullopt)), "UNKNOWN");
  Flow sctp = Tcp(200);
  sctp.protocol = IPPROTO_SCTP;
  EXPECT_EQ(StateOf(sctp), "UNKNOWN");
}

TEST(StateNames, OffloadedTcpIsOffloadWhateverStateItStillHas) {
  EXPECT_EQ(StateOf(Tcp(std::nullopt, IPS_OFFLOAD | IPS_ASSURED)), "OFFLOAD");
  EXPECT_EQ(StateOf(Tcp(TCP_CONNTRACK_ESTABLISHED, IPS_OFFLOAD)),
            "OFFLOAD");  // Linux 4.19 still sends it
  EXPECT_EQ(StateOf(Tcp(std::nullopt, IPS_HW_OFFLOAD)), "OFFLOAD");
}

TEST(StateNames, ProtocolsWithoutStateTellByTheirReplies) {
  const auto udp = [](std::uint32_t status) {
    Flow flow = Tcp(std::nullopt, status);
    flow.protocol = IPPROTO_UDP;
    return StateOf(flow);
  };
  EXPECT_EQ(udp(0), "UNREPLIED");
  EXPECT_EQ(udp(IPS_SEEN_REPLY), "REPLIED");
  EXPECT_EQ(udp(IPS_SEEN_REPLY | IPS_ASSURED), "ASSURED");
  EXPECT_EQ(udp(IPS_ASSURED),
            "UNREPLIED");  // an inserted flow may be both; conntrack(8) prints both
}

TEST(StateNames, EveryIndexHasAName) {
  for (int protocol = 0; protocol < 256; ++protocol) {
    for (int state = 0; state < 256; ++state) {
      Flow flow = Tcp(static_cast<std::uint8_t>(state));
      flow.protocol = static_cast<std::uint8_t>(protocol);
      ASSERT_LT(StateIndex(flow), StateNames(flow.protocol).size());
    }
  }
}

TEST(ProtocolName, KnownOnesByNameOthersByNumber) {
  EXPECT_EQ(ProtocolName(IPPROTO_ICMPV6), "icmpv6");
  EXPECT_EQ(ProtocolName(IPPROTO_GRE), "gre");
  EXPECT_EQ(ProtocolName(253), "253");
}

TEST(FamilyIndex, TellsTheTwoApart) {
  Flow flow;
  flow.family = AF_INET6;
  EXPECT_EQ(kFamilyNames[FamilyIndex(flow)], "ipv6");
  flow.family = 77;
  EXPECT_EQ(kFamilyNames[FamilyIndex(flow)], "other");
}

TEST(HasPorts, IsTrueOfFiveProtocols) {
  std::vector<int> with_ports;
  for (int protocol = 0; protocol < 256; ++protocol) {
    if (HasPorts(static_cast<std::uint8_t>(protocol))) with_ports.push_back(protocol);
  }
  EXPECT_THAT(with_ports, testing::ElementsAre(IPPROTO_TCP, IPPROTO_UDP, IPPROTO_DCCP, IPPROTO_SCTP,
                                               IPPROTO_UDPLITE));
}

}  // namespace
}  // namespace conntrack::kernel
