#include "kernel/netlink/ctnetlink_stat.h"

#include <gmock/gmock.h>

#include "tests/support/fake_netlink_socket.h"

namespace conntrack::kernel {
namespace {

using test::Answer;
using test::AttributeBuilder;
using test::DatagramBuilder;
using test::NfMessage;
using testing::ElementsAre;

TEST(CpuStatMessage, TakesTheCpuFromTheHeaderAndCountersByType) {
  ConntrackStat stat;
  ASSERT_TRUE(AddCpuStatMessage(
      NfMessage(
          0, 3,
          AttributeBuilder().Be32(CTA_STATS_DROP, 7).Be32(CTA_STATS_CHAIN_TOOLONG, 0xffffffff)),
      stat));
  ASSERT_EQ(stat.cpus.size(), 1U);
  EXPECT_EQ(stat.cpus[0].cpu, 3U);
  EXPECT_EQ(stat.cpus[0][StatCounter::kDrop], 7U);
  EXPECT_EQ(stat.cpus[0][StatCounter::kChainTooLong], 0xffffffffU);
  EXPECT_FALSE(stat.cpus[0][StatCounter::kFound].has_value());
}

TEST(CpuStatMessage, DeadCountersOfOldKernelsAreLeftOutWithoutAWord) {
  ConntrackStat stat;
  ASSERT_TRUE(AddCpuStatMessage(
      NfMessage(0, 0, AttributeBuilder().Be32(CTA_STATS_SEARCHED, 1).Be32(CTA_STATS_NEW, 2)),
      stat));
  EXPECT_TRUE(stat.unknown.empty());
}

TEST(CpuStatMessage, UnknownAttributesAreNamedOnce) {
  ConntrackStat stat;
  for (std::uint16_t cpu = 0; cpu < 2; ++cpu) {
    ASSERT_TRUE(AddCpuStatMessage(
        NfMessage(0, cpu, AttributeBuilder().Be32(77, 1).Be32(CTA_STATS_FOUND, 2)), stat));
  }
  EXPECT_THAT(stat.unknown, ElementsAre("attribute 77"));
  EXPECT_EQ(stat.cpus[1][StatCounter::kFound], 2U);
}

TEST(CpuStatMessage, RefusesWhatIsCutOffOrOfAnotherWidth) {
  ConntrackStat stat;
  EXPECT_FALSE(AddCpuStatMessage(test::ByteVector(3), stat));
  EXPECT_FALSE(
      AddCpuStatMessage(NfMessage(0, 0, AttributeBuilder().Be16(CTA_STATS_FOUND, 1)), stat));
  auto cut = NfMessage(0, 0, AttributeBuilder().Be32(CTA_STATS_FOUND, 1));
  cut.pop_back();
  EXPECT_FALSE(AddCpuStatMessage(cut, stat));
  EXPECT_TRUE(stat.cpus.empty());
}

TEST(TableStatMessage, OldKernelsSendNoLimit) {
  const auto table =
      ParseTableStatMessage(NfMessage(0, 0, AttributeBuilder().Be32(CTA_STATS_GLOBAL_ENTRIES, 12)));
  EXPECT_EQ(table->entries, 12U);
  EXPECT_FALSE(table->limit.has_value());
}

TEST(ReadExpectations, AddsUpCreatedLessRemovedOverTheCpus) {
  const auto expectations = ReadExpectations(test::OpenFake([](const CtnetlinkRequest& request) {
    const auto message = [](std::uint32_t created, std::uint32_t removed) {
      return NfMessage(0, 0,
                       AttributeBuilder()
                           .Be32(CTA_STATS_EXP_CREATE, created)
                           .Be32(CTA_STATS_EXP_DELETE, removed));
    };
    return Answer{{DatagramBuilder(test::kPort, request.sequence())
                       .Message(test::kExpectReply, message(10, 1))
                       .Message(test::kExpectReply, message(0, 6))
                       .Done()
                       .bytes()},
                  {}};
  }));
  EXPECT_EQ(expectations.value(), 3U);
}

TEST(ReadStatPerCpu, NoCpuIsNoAnswer) {
  const auto stat = ReadStatPerCpu(test::OpenFake([](const CtnetlinkRequest& request) {
    return Answer{{DatagramBuilder(test::kPort, request.sequence()).Done().bytes()}, {}};
  }));
  EXPECT_EQ(stat.error().kind, ErrorKind::kMalformed);
}

TEST(ReadStatPerCpu, OneBrokenMessageSpoilsTheWhole) {
  const auto stat = ReadStatPerCpu(test::OpenFake([](const CtnetlinkRequest& request) {
    return Answer{{DatagramBuilder(test::kPort, request.sequence())
                       .Message(test::kStatReply,
                                NfMessage(0, 0, AttributeBuilder().Be32(CTA_STATS_FOUND, 1)))
                       .Message(test::kStatReply, test::ByteVector(1))
                       .Done()
                       .bytes()},
                  {}};
  }));
  EXPECT_EQ(stat.error().kind, ErrorKind::kMalformed);
}

}  // namespace
}  // namespace conntrack::kernel
