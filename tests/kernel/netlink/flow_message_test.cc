#include "kernel/netlink/flow_message.h"

#include <gmock/gmock.h>
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

using test::ByteVector;
using test::DatagramBuilder;
using test::EventDatagram;
using testing::ElementsAre;

constexpr FlowEventKind kAll[] = {FlowEventKind::kNew, FlowEventKind::kUpdate,
                                  FlowEventKind::kDestroy};

struct Heard {
  std::vector<FlowEvent> events;
  std::uint64_t skipped = 0;
};

Heard Hear(const ByteVector& datagram) {
  Heard heard;
  heard.skipped =
      ForEachFlowEvent(datagram, [&](const FlowEvent& event) { heard.events.push_back(event); });
  return heard;
}

TEST(FlowEvent, KindsAreToldApart) {
  for (const auto kind : kAll) {
    const auto heard = Hear(EventDatagram({.kind = kind}));
    EXPECT_EQ(heard.skipped, 0U);
    EXPECT_THAT(heard.events, ElementsAre(FlowEvent{kind, IPPROTO_TCP, {}, {}}));
  }
}

TEST(FlowEvent, EveryProtocolIsKeptByItsNumber) {
  for (unsigned protocol = 0; protocol < 256; ++protocol) {
    const auto number = static_cast<std::uint8_t>(protocol);
    const auto event = DecodeFlowEvent(EventDatagram({.flow = {.protocol = number}}));
    ASSERT_TRUE(event.has_value()) << protocol;
    EXPECT_EQ(event->protocol, number);
  }
}

TEST(FlowEvent, TimestampsAreReadEachByItself) {
  const auto both = DecodeFlowEvent(
      EventDatagram({.kind = FlowEventKind::kDestroy, .start = 1'000'000'000, .stop = 5}));
  EXPECT_EQ(both->start, 1'000'000'000U);
  EXPECT_EQ(both->stop, 5U);
  const auto begun = DecodeFlowEvent(EventDatagram({.start = 7}));
  EXPECT_EQ(begun->start, 7U);
  EXPECT_FALSE(begun->stop.has_value());
}

TEST(FlowEvent, NothingIsLeftOfTheMessageBefore) {
  const auto timed = EventDatagram({.kind = FlowEventKind::kDestroy, .start = 7, .stop = 8});
  const auto plain = EventDatagram({.kind = FlowEventKind::kDestroy});
  const auto heard = Hear(DatagramBuilder(0, 0).Append(timed).Append(plain).bytes());
  ASSERT_EQ(heard.events.size(), 2U);
  EXPECT_FALSE(heard.events[1].start.has_value());
}

TEST(FlowEvent, AttributesThatAreNotNeededArePassedOver) {
  const ByteVector name = {std::byte{'f'}, std::byte{'t'}, std::byte{'p'}, std::byte{0}};
  const auto flow = test::FlowMessage({});
  const auto extra = AttributeBuilder()
                         .Nest(CTA_SECCTX, AttributeBuilder().Raw(CTA_SECCTX_NAME, name))
                         .Nest(CTA_HELP, AttributeBuilder().Raw(CTA_HELP_NAME, name))
                         .bytes();
  ByteVector payload = flow;
  payload.insert(payload.end(), extra.begin(), extra.end());
  const auto datagram = DatagramBuilder(0, 0).Message(test::kFlowReply, payload, 0).bytes();
  EXPECT_EQ(Hear(datagram).events.size(), 1U);
}

TEST(FlowEvent, WhateverIsCutOffIsSkippedOnce) {
  const auto whole = EventDatagram({.kind = FlowEventKind::kDestroy, .start = 7, .stop = 8});
  for (std::size_t length = 1; length < whole.size(); ++length) {
    const auto heard = Hear(ByteVector(whole.begin(), whole.begin() + static_cast<long>(length)));
    EXPECT_TRUE(heard.events.empty()) << length;
    EXPECT_EQ(heard.skipped, 1U) << length;
  }
  EXPECT_EQ(Hear({}).skipped, 0U);
}

TEST(FlowEvent, AMessageThatClaimsToBeShorterThanItsHeaderEndsTheDatagram) {
  auto bytes = EventDatagram({});
  bytes[0] = std::byte{3};
  bytes[1] = std::byte{0};
  EXPECT_EQ(Hear(bytes).skipped, 1U);
}

TEST(FlowEvent, AFlowWithoutAProtocolIsSkipped) {
  const auto message = test::NfMessage(2, 0, AttributeBuilder().Be32(CTA_STATUS, 1));
  EXPECT_EQ(Hear(DatagramBuilder(0, 0).Message(test::kFlowReply, message).bytes()).skipped, 1U);
}

TEST(FlowEvent, NumbersOfAnotherSizeAreNotRead) {
  const auto orig = AttributeBuilder().Nest(
      CTA_TUPLE_ORIG,
      AttributeBuilder().Nest(CTA_TUPLE_PROTO, AttributeBuilder().Be16(CTA_PROTO_NUM, 6)));
  const auto message = test::NfMessage(2, 0, orig);
  EXPECT_EQ(Hear(DatagramBuilder(0, 0).Message(test::kFlowReply, message).bytes()).skipped, 1U);

  auto timed = test::FlowMessage({});
  const auto timestamp = AttributeBuilder()
                             .Nest(CTA_TIMESTAMP, AttributeBuilder().Be32(CTA_TIMESTAMP_START, 5))
                             .bytes();
  timed.insert(timed.end(), timestamp.begin(), timestamp.end());
  const auto heard = Hear(DatagramBuilder(0, 0).Message(test::kFlowDestroyed, timed).bytes());
  ASSERT_EQ(heard.events.size(), 1U);
  EXPECT_FALSE(heard.events[0].start.has_value());
}

TEST(FlowEvent, OtherMessagesAreSkippedAndThoseBehindThemRead) {
  const auto flow = test::FlowMessage({});
  const auto heard = Hear(DatagramBuilder(1, 1)
                              .Error(-EPERM)
                              .Done()
                              .Message(NFNL_SUBSYS_CTNETLINK_EXP << 8, flow)
                              .Message(test::kStatReply, flow)
                              .Message(test::kFlowDestroyed, flow)
                              .bytes());
  EXPECT_EQ(heard.skipped, 4U);
  EXPECT_EQ(heard.events.size(), 1U);
}

}  // namespace
}  // namespace conntrack::kernel
