#include "kernel/netlink/netlink_message.h"

#include <gmock/gmock.h>

#include <cerrno>

#include "tests/support/message_builder.h"

namespace conntrack::kernel {
namespace {

using test::ByteVector;
using test::DatagramBuilder;
using testing::HasSubstr;

constexpr ReplyFilter kExpected{.port_id = 5, .sequence = 9, .reply_type = test::kFlowReply};
const ByteVector kBody(8, std::byte{1});

struct Outcome {
  Result<DatagramResult> end;
  int visited = 0;
};

Outcome Walk(const ByteVector& bytes) {
  int visited = 0;
  auto end = ForEachMessage(bytes, kExpected, [&](Bytes) { ++visited; });
  return {std::move(end), visited};
}

DatagramBuilder Ours() { return {5, 9}; }

TEST(NetlinkDatagram, VisitsEachMessageOfTheAnswer) {
  const auto outcome =
      Walk(Ours().Message(test::kFlowReply, kBody).Message(test::kFlowReply, kBody).bytes());
  EXPECT_EQ(outcome.visited, 2);
  EXPECT_FALSE(outcome.end->done);
  EXPECT_EQ(outcome.end->skipped, 0U);
}

TEST(NetlinkDatagram, DoneEndsTheAnswerWhereverItStands) {
  const auto outcome =
      Walk(Ours().Message(test::kFlowReply, kBody).Done().Message(test::kFlowReply, kBody).bytes());
  EXPECT_EQ(outcome.visited, 1);
  EXPECT_TRUE(outcome.end->done);
}

TEST(NetlinkDatagram, DoneWithoutMultiAndWithoutPayloadIsDone) {
  EXPECT_TRUE(Walk(Ours().Done(0).bytes()).end->done);
  EXPECT_TRUE(Walk(Ours().Message(NLMSG_DONE, {}).bytes()).end->done);
}

TEST(NetlinkDatagram, ErrorsOfBothSignsAreErrors) {
  for (const int code : {-EBUSY, EBUSY}) {
    const auto outcome = Walk(Ours().Error(code).bytes());
    ASSERT_FALSE(outcome.end.has_value()) << code;
    EXPECT_EQ(outcome.end.error().kind, ErrorKind::kBusy) << code;
    EXPECT_EQ(outcome.end.error().code, EBUSY) << code;
  }
}

TEST(NetlinkDatagram, ErrorZeroIsAnAcknowledgement) {
  EXPECT_TRUE(Walk(Ours().Error(0).bytes()).end->done);
}

TEST(NetlinkDatagram, RefusalNamesTheCapabilityAndTheRemedy) {
  const auto outcome = Walk(Ours().Error(-EPERM).bytes());
  EXPECT_EQ(outcome.end.error().kind, ErrorKind::kDenied);
  EXPECT_THAT(outcome.end.error().message, HasSubstr("CAP_NET_ADMIN"));
  EXPECT_THAT(outcome.end.error().remedy, HasSubstr("AmbientCapabilities"));
}

TEST(NetlinkDatagram, KernelWithoutTheMessageIsAbsentNotBroken) {
  EXPECT_EQ(Walk(Ours().Error(-EINVAL).bytes()).end.error().kind, ErrorKind::kAbsent);
  EXPECT_EQ(Walk(Ours().Error(-EOPNOTSUPP).bytes()).end.error().kind, ErrorKind::kAbsent);
}

TEST(NetlinkDatagram, ErrorInDoneIsAnError) {
  const std::int32_t code = -EINTR;
  ByteVector payload(sizeof(code));
  std::memcpy(payload.data(), &code, sizeof(code));
  EXPECT_EQ(Walk(Ours().Message(NLMSG_DONE, payload).bytes()).end.error().kind,
            ErrorKind::kInterrupted);
}

TEST(NetlinkDatagram, ErrorRecordCutOffIsMalformed) {
  const auto outcome = Walk(Ours().Message(NLMSG_ERROR, ByteVector(2)).bytes());
  EXPECT_EQ(outcome.end.error().kind, ErrorKind::kMalformed);
}

TEST(NetlinkDatagram, StrangersAreSkippedAndCounted) {
  const auto outcome = Walk(Ours()
                                .From(6, 9)
                                .Message(test::kFlowReply, kBody)
                                .From(5, 8)
                                .Error(-EPERM)
                                .From(5, 9)
                                .Message(test::kStatReply, kBody)
                                .Message(NLMSG_NOOP, {})
                                .Message(test::kFlowReply, kBody)
                                .bytes());
  ASSERT_TRUE(outcome.end.has_value());
  EXPECT_EQ(outcome.visited, 1);
  EXPECT_EQ(outcome.end->skipped, 3U);
}

TEST(NetlinkDatagram, TruncatedLastMessageIsCountedAndTheOthersKept) {
  auto bytes = Ours().Message(test::kFlowReply, kBody).Message(test::kFlowReply, kBody).bytes();
  bytes.resize(bytes.size() - 4);
  const auto outcome = Walk(bytes);
  EXPECT_EQ(outcome.visited, 1);
  EXPECT_EQ(outcome.end->skipped, 1U);
}

TEST(NetlinkDatagram, NeverReadsPastAnyCut) {
  const auto whole = Ours().Message(test::kFlowReply, kBody).Error(-EPERM).Done().bytes();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const ByteVector cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    (void)Walk(cut);  // AddressSanitizer watches
  }
}

TEST(NetlinkDatagram, HeaderThatClaimsLessThanItselfEndsTheDatagram) {
  auto bytes = Ours().Message(test::kFlowReply, kBody).bytes();
  const std::uint32_t length = 3;
  std::memcpy(bytes.data(), &length, sizeof(length));
  const auto outcome = Walk(bytes);
  EXPECT_EQ(outcome.visited, 0);
  EXPECT_EQ(outcome.end->skipped, 1U);
}

TEST(NetlinkDatagram, InterruptedDumpIsRemembered) {
  const auto outcome =
      Walk(Ours().Message(test::kFlowReply, kBody, NLM_F_MULTI | NLM_F_DUMP_INTR).Done().bytes());
  EXPECT_TRUE(outcome.end->interrupted);
  EXPECT_TRUE(outcome.end->done);
}

TEST(NetlinkDatagram, OverrunIsAnError) {
  EXPECT_EQ(Walk(Ours().Message(NLMSG_OVERRUN, {}).bytes()).end.error().kind, ErrorKind::kOverrun);
}

}  // namespace
}  // namespace conntrack::kernel
