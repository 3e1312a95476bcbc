#include "kernel/bpf/walked_flow.h"

#include <gtest/gtest.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/fake_flow_walk_programs.h"
#include "tests/support/message_builder.h"
#include "tests/support/temp_tree.h"

namespace conntrack::kernel {
namespace {

constexpr EntryFormat kFormat{.hz = 250};

TEST(FromWalkTest, ReadsWhatADumpWouldSend) {
  const auto flow = ToFlow(test::WalkedFlow(), kFormat);
  EXPECT_EQ(flow.family, AF_INET);
  EXPECT_EQ(flow.protocol, IPPROTO_TCP);
  EXPECT_EQ(flow.state, 3);
  EXPECT_EQ(flow.status, 0x18eU);
  EXPECT_EQ(flow.timeout, 4U);
  EXPECT_EQ(flow.original,
            (FlowTuple{test::AddressOf("10.0.0.1"), test::AddressOf("10.0.0.2"), 1000, 80}));
  EXPECT_EQ(flow.reply,
            (FlowTuple{test::AddressOf("10.0.0.2"), test::AddressOf("10.0.0.1"), 80, 1000}));
}

TEST(FromWalkTest, AnIpv4AddressIsFollowedByZeros) {
  auto entry = test::WalkedFlow();
  entry.original.source[0] |= 0xdeadbeef00000000;
  entry.original.source[1] = 0xdeadbeef;
  EXPECT_EQ(ToFlow(entry, kFormat).original.source, test::AddressOf("10.0.0.1"));
}

TEST(FromWalkTest, AnIpv6AddressFillsAll) {
  auto entry = test::WalkedFlow();
  entry.family = AF_INET6;
  entry.original.source[0] = 0xfd;
  entry.original.source[1] = std::uint64_t{1} << 56U;
  EXPECT_EQ(ToFlow(entry, kFormat).original.source, test::AddressOf("fd00::1"));
}

TEST(FromWalkTest, AnOffloadedFlowHasNeitherStateNorTimeout) {
  auto entry = test::WalkedFlow();
  entry.status |= IPS_OFFLOAD;
  const auto flow = ToFlow(entry, kFormat);
  EXPECT_FALSE(flow.state);
  EXPECT_FALSE(flow.timeout);
}

TEST(FromWalkTest, WhatStandsInPlaceOfPortsIsNone) {
  for (const int protocol : {1, 58, 253}) {  // ICMP, ICMPv6, and one for experiments
    const auto flow = ToFlow(test::WalkedFlow(static_cast<std::uint8_t>(protocol)), kFormat);
    EXPECT_EQ(flow.original.source_port, 0) << protocol;
    EXPECT_EQ(flow.reply.destination_port, 0) << protocol;
    EXPECT_FALSE(flow.state);
  }
  EXPECT_EQ(ToFlow(test::WalkedFlow(IPPROTO_GRE), kFormat).original.source_port, 1000);
}

TEST(FromWalkTest, AStateThatTheKernelDoesNotTrackIsNone) {
  const auto entry = test::WalkedFlow(IPPROTO_SCTP);
  EXPECT_TRUE(ToFlow(entry, {.hz = 250, .sctp = true}).state);
  EXPECT_FALSE(ToFlow(entry, {.hz = 250, .sctp = false}).state);
}

TEST(FromWalkTest, AZoneIsThatOfItsDirections) {
  auto entry = test::WalkedFlow();
  entry.zone = 7;
  for (const unsigned directions : {0U, 1U, 2U, 3U}) {
    entry.zone_directions = static_cast<std::uint8_t>(directions);
    const auto flow = ToFlow(entry, kFormat);
    EXPECT_EQ(flow.zone, (directions & 1U) != 0 ? 7 : 0);
    EXPECT_EQ(flow.reply_zone, (directions & 2U) != 0 ? 7 : 0);
  }
}

TEST(ReadEntryFormatTest, KnowsTheClockAndTheProtocolsOfTheKernel) {
  test::TempTree tree;
  tree.Sysctl("nf_conntrack_sctp_timeout_closed", "10");
  const auto format = ReadEntryFormat(KernelFiles(tree.root()));
  EXPECT_GE(format.hz, 24U);  // the slowest and the fastest that any architecture offers
  EXPECT_LE(format.hz, 1200U);
  EXPECT_TRUE(format.sctp);
  EXPECT_FALSE(format.dccp);
}

}  // namespace
}  // namespace conntrack::kernel
