#include "kernel/netlink/expectation.h"

#include <gmock/gmock.h>

#include <cerrno>

#include "tests/support/fake_netlink_socket.h"

namespace conntrack::kernel {
namespace {

using test::Answer;
using test::AttributeBuilder;
using test::DatagramBuilder;
using test::ExpectationMessage;
using test::NfMessage;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

Result<HelperCounts> Count(test::FakeKernel kernel) {
  return CountExpectationsByHelper(test::OpenFake(std::move(kernel)));
}

DatagramBuilder AnswerTo(const CtnetlinkRequest& request) {
  return DatagramBuilder(test::kPort, request.sequence());
}

TEST(ExpectationMessage, NameEndsAtItsNul) {
  EXPECT_EQ(ParseExpectationHelper(ExpectationMessage("ftp")).value(), "ftp");
  const std::string padded("sip\0\0junk", 9);
  EXPECT_EQ(ParseExpectationHelper(ExpectationMessage(padded)).value(), "sip");
  auto bare = AttributeBuilder().Raw(CTA_EXPECT_HELP_NAME,
                                     {std::byte{'i'}, std::byte{'r'}, std::byte{'c'}});
  EXPECT_EQ(ParseExpectationHelper(NfMessage(2, 0, bare)).value(), "irc");
}

TEST(ExpectationMessage, NameMayBeAbsentOrEmpty) {
  const auto without = NfMessage(2, 0, AttributeBuilder().Be32(CTA_EXPECT_TIMEOUT, 299));
  EXPECT_EQ(ParseExpectationHelper(without).value(), "");
  EXPECT_EQ(ParseExpectationHelper(ExpectationMessage("")).value(), "");
  EXPECT_EQ(ParseExpectationHelper(NfMessage(2, 0, {})).value(), "");
}

TEST(ExpectationMessage, WhatIsNotTextStaysAsItIs) {
  EXPECT_EQ(ParseExpectationHelper(ExpectationMessage("a\n\"\x7f\xff~")).value(), "a\n\"\x7f\xff~");
}

TEST(ExpectationMessage, RefusesWhatIsCutOff) {
  EXPECT_FALSE(ParseExpectationHelper({}).has_value());
  EXPECT_FALSE(ParseExpectationHelper(test::ByteVector(3)).has_value());
  auto cut = ExpectationMessage("netbios-ns");
  cut.resize(cut.size() - 4);
  EXPECT_EQ(ParseExpectationHelper(cut).error().kind, ErrorKind::kMalformed);
}

TEST(CountExpectations, CountsEachOfADumpAndNothingOfAnEmptyOne) {
  const auto counts = Count([](const CtnetlinkRequest& request) {
    EXPECT_EQ(request.query(), CtnetlinkQuery::kExpectations);
    return Answer{{AnswerTo(request)
                       .Message(test::kExpectationReply, ExpectationMessage("ftp"))
                       .Message(test::kExpectationReply, ExpectationMessage("sip"))
                       .bytes(),
                   AnswerTo(request)
                       .Message(test::kExpectationReply, ExpectationMessage("ftp"))
                       .Done()
                       .bytes()},
                  {}};
  });
  ASSERT_TRUE(counts.has_value());
  EXPECT_THAT(*counts, ElementsAre(Pair("ftp", 2), Pair("sip", 1)));
  const auto empty = Count([](const CtnetlinkRequest& request) {
    return Answer{{AnswerTo(request).Done().bytes()}, {}};
  });
  ASSERT_TRUE(empty.has_value());
  EXPECT_THAT(*empty, IsEmpty());
}

TEST(CountExpectations, BeginsAnewWhereTheDumpWasDisturbed) {
  int asked = 0;
  const auto counts = Count([&](const CtnetlinkRequest& request) {
    const std::uint16_t flags = ++asked == 1 ? NLM_F_MULTI | NLM_F_DUMP_INTR : NLM_F_MULTI;
    auto datagram =
        AnswerTo(request).Message(test::kExpectationReply, ExpectationMessage("ftp"), flags);
    if (asked == 2) return Answer{{datagram.bytes()}, EINTR};
    return Answer{{datagram.Done().bytes()}, {}};
  });
  ASSERT_TRUE(counts.has_value());
  EXPECT_EQ(asked, 3);
  EXPECT_THAT(*counts, ElementsAre(Pair("ftp", 1)));
}

TEST(CountExpectations, RefusesMessagesOfAnotherSequenceAndBrokenOnes) {
  const auto stranger = Count([](const CtnetlinkRequest& request) {
    return Answer{{DatagramBuilder(test::kPort, request.sequence() + 7)
                       .Message(test::kExpectationReply, ExpectationMessage("ftp"))
                       .From(test::kPort, request.sequence())
                       .Done()
                       .bytes()},
                  {}};
  });
  EXPECT_EQ(stranger.error().kind, ErrorKind::kMalformed);
  const auto broken = Count([](const CtnetlinkRequest& request) {
    return Answer{{AnswerTo(request)
                       .Message(test::kExpectationReply, test::ByteVector(2))
                       .Message(test::kExpectationReply, ExpectationMessage("ftp"))
                       .Done()
                       .bytes()},
                  {}};
  });
  EXPECT_EQ(broken.error().kind, ErrorKind::kMalformed);
}

TEST(CountExpectations, SaysWhatTheKernelRefuses) {
  int asked = 0;
  const auto denied = Count([&asked](const CtnetlinkRequest& request) {
    ++asked;
    return Answer{{AnswerTo(request).Error(-EPERM).bytes()}, {}};
  });
  EXPECT_EQ(denied.error().kind, ErrorKind::kDenied);
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace conntrack::kernel
