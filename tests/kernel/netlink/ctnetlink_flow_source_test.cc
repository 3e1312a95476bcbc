#include "kernel/netlink/ctnetlink_flow_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

#include "tests/support/fake_netlink_socket.h"
#include "tests/support/flow_recorder.h"
#include "tests/support/temp_tree.h"

namespace conntrack::kernel {
namespace {

using std::chrono::milliseconds;

TEST(EstimateSoftirqHold, MatchesWhatWasMeasuredInAnAlmostEmptyNamespace) {
  EXPECT_GT(EstimateSoftirqHold(1, 1'000'001, 1'048'576), milliseconds(180));
  EXPECT_LT(EstimateSoftirqHold(1, 1'000'001, 1'048'576), milliseconds(240));
}

TEST(EstimateSoftirqHold, AFullTableOfOnesOwnIsCheap) {
  EXPECT_LT(EstimateSoftirqHold(1'000'000, 1'000'000, 1'048'576), milliseconds(1));
}

TEST(EstimateSoftirqHold, AnIdleHostIsNotHeldBack) {
  EXPECT_LT(EstimateSoftirqHold(20, 20, 1'048'576), milliseconds(50));
}

TEST(EstimateSoftirqHold, SlabFiguresBelowTheOwnCountAreNoNegativeNumberOfStrangers) {
  EXPECT_LT(EstimateSoftirqHold(100'000, 10, 262'144), milliseconds(1));
}

using test::Answer;
using test::AttributeBuilder;
using test::DatagramBuilder;
using testing::HasSubstr;

/// A kernel with a table of `entries`, whose dumps are answered by `dump`.
test::FakeKernel KernelWith(std::uint32_t entries, test::FakeKernel dump) {
  return [entries, dump = std::move(dump)](const CtnetlinkRequest& request) {
    if (request.query() == CtnetlinkQuery::kFlows) return dump(request);
    const auto message =
        test::NfMessage(0, 0, AttributeBuilder().Be32(CTA_STATS_GLOBAL_ENTRIES, entries));
    return Answer{{DatagramBuilder(test::kPort, request.sequence())
                       .Message(test::kTableReply, message)
                       .bytes()},
                  {}};
  };
}

DatagramBuilder DumpReplyTo(const CtnetlinkRequest& request) {
  return {test::kPort, request.sequence()};
}

Answer TwoFlows(const CtnetlinkRequest& request) {
  return Answer{{DumpReplyTo(request).Message(test::kFlowReply, test::FlowMessage({})).bytes(),
                 DumpReplyTo(request)
                     .Message(test::kFlowReply, test::FlowMessage({.protocol = 17}))
                     .Done()
                     .bytes()},
                {}};
}

class CtnetlinkFlowSourceTest : public testing::Test {
 protected:
  Result<void> Walk(test::FakeKernel kernel) {
    CtnetlinkFlowSource source(test::OpenFake(std::move(kernel)), KernelFiles(tree_.root()),
                               milliseconds(100));
    auto outcome = source.Walk(recorder_, stop_.get_token());
    errors_ = source.errors();
    return outcome;
  }

  test::TempTree tree_;
  test::FlowRecorder recorder_;
  std::stop_source stop_;
  WalkErrors errors_;
};

TEST_F(CtnetlinkFlowSourceTest, DeliversEveryFlow) {
  ASSERT_TRUE(Walk(KernelWith(2, TwoFlows)));
  ASSERT_EQ(recorder_.flows.size(), 2U);
  EXPECT_EQ(recorder_.flows[1].protocol, 17);
}

TEST_F(CtnetlinkFlowSourceTest, AnEmptyTableCostsNoDump) {
  bool dumped = false;
  ASSERT_TRUE(Walk(KernelWith(0, [&](const CtnetlinkRequest& request) {
    dumped = true;
    return TwoFlows(request);
  })));
  EXPECT_FALSE(dumped);
  EXPECT_TRUE(recorder_.flows.empty());
}

TEST_F(CtnetlinkFlowSourceTest, MissingCapabilityShowsEvenForAnEmptyTable) {
  const auto outcome = Walk([](const CtnetlinkRequest& request) {
    return Answer{{DumpReplyTo(request).Error(-EPERM).bytes()}, {}};
  });
  EXPECT_EQ(outcome.error().kind, ErrorKind::kDenied);
}

TEST_F(CtnetlinkFlowSourceTest, UnreadableMessagesAreSkippedAndCounted) {
  ASSERT_TRUE(Walk(KernelWith(2, [](const CtnetlinkRequest& request) {
    return Answer{{DumpReplyTo(request)
                       .Message(test::kFlowReply, test::ByteVector(4))
                       .Message(test::kFlowReply, test::FlowMessage({}))
                       .Done()
                       .bytes()},
                  {}};
  })));
  EXPECT_EQ(recorder_.flows.size(), 1U);
  EXPECT_EQ(errors_.skipped, 1U);
}

TEST_F(CtnetlinkFlowSourceTest, AnInterruptedDumpIsForgottenAndBegunAgain) {
  int dumps = 0;
  ASSERT_TRUE(Walk(KernelWith(2, [&](const CtnetlinkRequest& request) {
    if (++dumps > 1) return TwoFlows(request);
    return Answer{{DumpReplyTo(request)
                       .Message(test::kFlowReply, test::FlowMessage({}), NLM_F_DUMP_INTR)
                       .Done()
                       .bytes()},
                  {}};
  })));
  EXPECT_EQ(recorder_.walks, 2);
  EXPECT_EQ(recorder_.flows.size(), 2U);
  EXPECT_EQ(errors_.interruptions, 1U);
}

TEST_F(CtnetlinkFlowSourceTest, AnOverrunIsCountedAndTheDumpBegunAgain) {
  int dumps = 0;
  ASSERT_TRUE(Walk(KernelWith(2, [&](const CtnetlinkRequest& request) {
    if (++dumps > 1) return TwoFlows(request);
    return Answer{{DumpReplyTo(request).Message(test::kFlowReply, test::FlowMessage({})).bytes()},
                  ENOBUFS};
  })));
  EXPECT_EQ(recorder_.flows.size(), 2U);
  EXPECT_EQ(errors_.overruns, 1U);
}

TEST_F(CtnetlinkFlowSourceTest, AResizeUnderTheDumpIsNoticed) {
  tree_.Sysctl("nf_conntrack_buckets", "1024");
  int dumps = 0;
  ASSERT_TRUE(Walk(KernelWith(2, [&](const CtnetlinkRequest& request) {
    if (++dumps == 1) tree_.Sysctl("nf_conntrack_buckets", "2048");
    return TwoFlows(request);
  })));
  EXPECT_EQ(dumps, 2);
  EXPECT_EQ(errors_.interruptions, 1U);
  EXPECT_EQ(recorder_.flows.size(), 2U);
}

TEST_F(CtnetlinkFlowSourceTest, ADumpThatIsAlwaysDisturbedIsGivenUp) {
  const auto outcome = Walk(KernelWith(2, [](const CtnetlinkRequest& request) {
    return Answer{{DumpReplyTo(request).Error(-EINTR).bytes()}, {}};
  }));
  EXPECT_EQ(outcome.error().kind, ErrorKind::kInterrupted);
  EXPECT_EQ(errors_.interruptions, 3U);
}

TEST_F(CtnetlinkFlowSourceTest, AFewEntriesInALargeHostAreNotDumped) {
  tree_.Sysctl("nf_conntrack_buckets", "1048576");
  tree_.Write("slabinfo",
              "nf_conntrack 1000000 1000000 256 16 1 : tunables 0 0 0 : slabdata 62500 62500 0\n");
  bool dumped = false;
  const auto outcome = Walk(KernelWith(3, [&](const CtnetlinkRequest& request) {
    dumped = true;
    return TwoFlows(request);
  }));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().kind, ErrorKind::kHeldBack);
  EXPECT_THAT(outcome.error().remedy, HasSubstr("max-softirq-hold"));
  EXPECT_FALSE(dumped);
}

TEST_F(CtnetlinkFlowSourceTest, StopsBetweenDatagrams) {
  const auto outcome = Walk(KernelWith(2, [&](const CtnetlinkRequest& request) {
    stop_.request_stop();
    return TwoFlows(request);
  }));
  EXPECT_FALSE(outcome.has_value());
  EXPECT_TRUE(recorder_.flows.empty());
  EXPECT_EQ(errors_.interruptions, 0U);
}

}  // namespace
}  // namespace conntrack::kernel
