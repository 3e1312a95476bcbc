#include "kernel/netlink/ctnetlink_exchange.h"

#include <gmock/gmock.h>

#include <cerrno>

#include "tests/support/fake_netlink_socket.h"

namespace conntrack::kernel {
namespace {

using test::Answer;
using test::DatagramBuilder;
using test::kPort;

const test::ByteVector kPayload(4);

struct Asked {
  Result<void> outcome;
  int visited = 0;
  int tries = 0;
};

Asked AskFor(CtnetlinkQuery query, test::FakeKernel kernel) {
  Asked asked;
  asked.outcome = RunQuery(
      test::OpenFake(std::move(kernel)), query,
      [&] {
        ++asked.tries;
        asked.visited = 0;
      },
      [&](Bytes) { ++asked.visited; });
  return asked;
}

DatagramBuilder ReplyTo(const CtnetlinkRequest& request) { return {kPort, request.sequence()}; }

TEST(CtnetlinkExchange, ReadsDatagramsUntilDone) {
  const auto asked = AskFor(CtnetlinkQuery::kStatPerCpu, [](const CtnetlinkRequest& request) {
    return Answer{{ReplyTo(request).Message(test::kStatReply, kPayload).bytes(),
                   ReplyTo(request).Message(test::kStatReply, kPayload).bytes(),
                   ReplyTo(request).Done().bytes()},
                  {}};
  });
  EXPECT_TRUE(asked.outcome.has_value());
  EXPECT_EQ(asked.visited, 2);
  EXPECT_EQ(asked.tries, 1);
}

TEST(CtnetlinkExchange, TableStatisticsEndWithoutDone) {
  const auto asked = AskFor(CtnetlinkQuery::kStatGlobal, [](const CtnetlinkRequest& request) {
    return Answer{{ReplyTo(request).Message(test::kTableReply, kPayload, NLM_F_MULTI).bytes()}, {}};
  });
  EXPECT_TRUE(asked.outcome.has_value());
  EXPECT_EQ(asked.visited, 1);
}

TEST(CtnetlinkExchange, TransientErrorsAreTriedAgain) {
  for (const int code : {-EBUSY, -EINTR, -EAGAIN}) {
    int calls = 0;
    const auto asked = AskFor(CtnetlinkQuery::kStatPerCpu, [&](const CtnetlinkRequest& request) {
      if (++calls == 1) return Answer{{ReplyTo(request).Error(code).bytes()}, {}};
      return Answer{{ReplyTo(request).Message(test::kStatReply, kPayload).Done().bytes()}, {}};
    });
    EXPECT_TRUE(asked.outcome.has_value()) << code;
    EXPECT_EQ(asked.tries, 2) << code;
    EXPECT_EQ(asked.visited, 1) << code;
  }
}

TEST(CtnetlinkExchange, LostMessagesAreAskedForAgain) {
  int calls = 0;
  const auto asked = AskFor(CtnetlinkQuery::kStatPerCpu, [&](const CtnetlinkRequest& request) {
    if (++calls == 1)
      return Answer{{ReplyTo(request).Message(test::kStatReply, kPayload).bytes()}, ENOBUFS};
    return Answer{{ReplyTo(request).Message(test::kStatReply, kPayload).Done().bytes()}, {}};
  });
  EXPECT_TRUE(asked.outcome.has_value());
  EXPECT_EQ(asked.visited, 1);
}

TEST(CtnetlinkExchange, InterruptionsThatDoNotStopAreGivenUp) {
  const auto asked = AskFor(CtnetlinkQuery::kStatPerCpu, [](const CtnetlinkRequest& request) {
    return Answer{
        {ReplyTo(request).Message(test::kStatReply, kPayload, NLM_F_DUMP_INTR).Done().bytes()}, {}};
  });
  ASSERT_FALSE(asked.outcome.has_value());
  EXPECT_EQ(asked.outcome.error().kind, ErrorKind::kInterrupted);
  EXPECT_EQ(asked.tries, 3);
}

TEST(CtnetlinkExchange, RefusalIsFinal) {
  const auto asked = AskFor(CtnetlinkQuery::kStatPerCpu, [](const CtnetlinkRequest& request) {
    return Answer{{ReplyTo(request).Error(-EPERM).bytes()}, {}};
  });
  EXPECT_EQ(asked.outcome.error().kind, ErrorKind::kDenied);
  EXPECT_EQ(asked.tries, 1);
}

TEST(CtnetlinkExchange, SilenceIsATimeout) {
  const auto asked = AskFor(CtnetlinkQuery::kStatPerCpu, [](const CtnetlinkRequest& request) {
    return Answer{{ReplyTo(request).Message(test::kStatReply, kPayload).bytes()}, {}};
  });
  EXPECT_EQ(asked.outcome.error().kind, ErrorKind::kTimeout);
}

TEST(CtnetlinkExchange, AnswersOfStrangersAreNoAnswer) {
  const auto asked = AskFor(CtnetlinkQuery::kStatPerCpu, [](const CtnetlinkRequest& request) {
    return Answer{
        {DatagramBuilder(kPort + 1, request.sequence()).Message(test::kStatReply, kPayload).bytes(),
         ReplyTo(request).Message(test::kStatReply, kPayload).Done().bytes()},
        {}};
  });
  ASSERT_FALSE(asked.outcome.has_value());
  EXPECT_EQ(asked.outcome.error().kind, ErrorKind::kMalformed);
}

}  // namespace
}  // namespace conntrack::kernel
