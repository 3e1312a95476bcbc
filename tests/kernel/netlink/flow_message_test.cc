#include "kernel/netlink/flow_message.h"

#include <gtest/gtest.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/support/message_builder.h"

namespace conntrack::kernel {
namespace {

using test::AddressOf;
using test::AttributeBuilder;
using test::FlowMessage;
using test::NfMessage;

AttributeBuilder TcpTuple() {
  return std::move(
      AttributeBuilder().Nest(CTA_TUPLE_PROTO, AttributeBuilder().U8(CTA_PROTO_NUM, IPPROTO_TCP)));
}

TEST(DecodeFlow, ReadsAWholeTcpFlow) {
  const FlowTuple original{AddressOf("fd00::1"), AddressOf("fd00::2"), 40000, 443};
  const FlowTuple reply{AddressOf("fd00::2"), AddressOf("fd00::99"), 443, 50000};
  const auto flow = DecodeFlow(FlowMessage({.family = AF_INET6,
                                            .protocol = IPPROTO_TCP,
                                            .status = IPS_ASSURED | IPS_SEEN_REPLY,
                                            .state = TCP_CONNTRACK_TIME_WAIT,
                                            .timeout = 119,
                                            .zone = 5,
                                            .original = original,
                                            .reply = reply}));
  ASSERT_TRUE(flow.has_value());
  EXPECT_EQ(*flow, (Flow{.family = AF_INET6,
                         .protocol = IPPROTO_TCP,
                         .state = TCP_CONNTRACK_TIME_WAIT,
                         .status = IPS_ASSURED | IPS_SEEN_REPLY,
                         .timeout = 119,
                         .zone = 5,
                         .reply_zone = 5,
                         .original = original,
                         .reply = reply}));
}

TEST(DecodeFlow, AnIpv4AddressFillsTheFirstFourBytes) {
  const auto flow = DecodeFlow(FlowMessage({.original = {AddressOf("192.0.2.1"), {}, 0, 0}}));
  EXPECT_EQ(flow->original.source, (Address{192, 0, 2, 1}));
}

TEST(DecodeFlow, AnAddressOfAnImpossibleLengthIsNotRead) {
  const auto flow = DecodeFlow(NfMessage(
      AF_INET6, 0,
      AttributeBuilder()
          .Nest(
              CTA_TUPLE_ORIG,
              TcpTuple().Nest(CTA_TUPLE_IP, AttributeBuilder().Raw(
                                                CTA_IP_V6_SRC, test::ByteVector(17, std::byte{1}))))
          .Be32(CTA_STATUS, 8)));
  EXPECT_EQ(flow->original.source, Address{});
}

TEST(DecodeFlow, ReadsAnSctpState) {
  EXPECT_EQ(DecodeFlow(FlowMessage({.protocol = IPPROTO_SCTP, .state = 4}))->state, 4);
}

TEST(DecodeFlow, OffloadedFlowHasNeitherStateNorTimeout) {
  const auto flow = DecodeFlow(FlowMessage({.protocol = IPPROTO_TCP, .status = IPS_OFFLOAD}));
  EXPECT_FALSE(flow->state.has_value());
  EXPECT_FALSE(flow->timeout.has_value());
}

TEST(DecodeFlow, ZoneOfOneDirectionIsOfThatDirectionAlone) {
  EXPECT_EQ(DecodeFlow(FlowMessage({.original_zone = 3}))->zone, 3);
  EXPECT_EQ(DecodeFlow(FlowMessage({.original_zone = 3}))->reply_zone, 0);
  EXPECT_EQ(DecodeFlow(FlowMessage({.reply_zone = 3}))->zone, 0);
  EXPECT_EQ(DecodeFlow(FlowMessage({.reply_zone = 3}))->reply_zone, 3);
}

TEST(DecodeFlow, OrderOfAttributesDoesNotMatter) {
  const auto flow = DecodeFlow(NfMessage(AF_INET, 0,
                                         AttributeBuilder()
                                             .Be32(CTA_TIMEOUT, 30)
                                             .Be32(CTA_STATUS, 8)
                                             .Nest(CTA_TUPLE_ORIG, TcpTuple())));
  ASSERT_TRUE(flow.has_value());
  EXPECT_EQ(flow->timeout, 30U);
  EXPECT_EQ(flow->protocol, IPPROTO_TCP);
}

TEST(DecodeFlow, UnknownAttributesArePassedOver) {
  const auto flow = DecodeFlow(NfMessage(AF_INET, 0,
                                         AttributeBuilder()
                                             .Be32(200, 1)
                                             .Nest(CTA_TUPLE_ORIG, TcpTuple())
                                             .Raw(201, {})
                                             .Be32(CTA_STATUS, 8)));
  EXPECT_TRUE(flow.has_value());
}

TEST(DecodeFlow, AFlowWithoutProtocolOrStatusIsNone) {
  EXPECT_FALSE(
      DecodeFlow(NfMessage(AF_INET, 0, AttributeBuilder().Be32(CTA_STATUS, 8))).has_value());
  EXPECT_FALSE(
      DecodeFlow(NfMessage(AF_INET, 0, AttributeBuilder().Nest(CTA_TUPLE_ORIG, TcpTuple())))
          .has_value());
  EXPECT_FALSE(DecodeFlow(test::ByteVector(2)).has_value());
}

TEST(DecodeFlow, StateOfAnotherWidthIsNoState) {
  const auto flow = DecodeFlow(NfMessage(
      AF_INET, 0,
      AttributeBuilder()
          .Nest(CTA_TUPLE_ORIG, TcpTuple())
          .Be32(CTA_STATUS, 8)
          .Nest(CTA_PROTOINFO,
                AttributeBuilder().Nest(CTA_PROTOINFO_TCP,
                                        AttributeBuilder().Be32(CTA_PROTOINFO_TCP_STATE, 3)))));
  ASSERT_TRUE(flow.has_value());
  EXPECT_FALSE(flow->state.has_value());
}

TEST(DecodeFlow, NeverReadsPastAnyCutAndTakesNoCutForAFlow) {
  const auto whole = FlowMessage(
      {.protocol = IPPROTO_TCP, .state = 3, .timeout = 1, .zone = 1, .original_zone = 1});
  ASSERT_TRUE(DecodeFlow(whole).has_value());
  for (std::size_t length = 0; length < sizeof(nfgenmsg) + 4; ++length) {
    const test::ByteVector cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(DecodeFlow(cut).has_value()) << length;
  }
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const test::ByteVector cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    (void)DecodeFlow(cut);  // AddressSanitizer watches
  }
}

}  // namespace
}  // namespace conntrack::kernel
