#include "collectors/stat_collector.h"

#include <gmock/gmock.h>

#include "tests/support/families.h"
#include "tests/support/temp_tree.h"
#include "tests/support/test_access.h"

namespace conntrack {
namespace {

using kernel::StatCounter;
using test::AccessTo;
using test::Answer;
using test::AttributeBuilder;
using test::DatagramBuilder;
using test::FindFamily;
using test::ValueOf;
using testing::HasSubstr;

std::vector<Family> CollectStat(const std::string& capture) {
  return StatCollector(AccessTo(capture)).Collect(test::Patient()).value().families;
}

TEST(StatCollector, OneSampleForEachCpu) {
  const auto families = CollectStat("6.1-2cpu");
  EXPECT_EQ(ValueOf(families, "conntrack_stat_drop_total", {{"cpu", "0"}}), 49);
  EXPECT_EQ(ValueOf(families, "conntrack_stat_drop_total", {{"cpu", "1"}}), 179);
  EXPECT_EQ(ValueOf(families, "conntrack_stat_source_info", {{"via", "procfs"}}), 1);
}

TEST(StatCollector, ExportsOnlyWhatTheKernelCounts) {
  const auto old = CollectStat("2.6.32-2cpu");
  EXPECT_EQ(FindFamily(old, "conntrack_stat_search_restart_total"), nullptr);
  EXPECT_EQ(FindFamily(old, "conntrack_stat_clash_resolve_total"), nullptr);
  const auto middle = CollectStat("5.10-2cpu");
  EXPECT_NE(FindFamily(middle, "conntrack_stat_clash_resolve_total"), nullptr);
  EXPECT_EQ(FindFamily(middle, "conntrack_stat_chain_toolong_total"), nullptr);
  EXPECT_NE(FindFamily(CollectStat("6.1-2cpu"), "conntrack_stat_chain_toolong_total"), nullptr);
}

TEST(StatCollector, CountsColumnsThatItDoesNotKnow) {
  test::TempTree tree;
  tree.Write("net/stat/nf_conntrack", "found teleported\n1 2\n");
  const KernelAccess access{kernel::KernelFiles(tree.root()), kernel::KernelFiles(tree.root()),
                            kernel::KernelFiles(tree.root()), test::RefusingKernel()};
  const auto collection = StatCollector(access).Collect(test::Patient());
  EXPECT_EQ(ValueOf(collection->families, "conntrack_stat_unknown_columns"), 1);
}

TEST(StatCollector, FailsAsAWholeWhereNothingCanBeRead) {
  EXPECT_FALSE(StatCollector(AccessTo("module-not-loaded")).Collect(test::Patient()).has_value());
}

/// As the collector calls it.
Result<StatReading> ReadAll(const KernelAccess& access) {
  return ReadStat(access, kernel::ReadCpuTopology(access.sys));
}

/// Statistics for CPUs 0 to 3 over netlink.
Answer FourCpus(const kernel::CtnetlinkRequest& request) {
  DatagramBuilder datagram(test::kPort, request.sequence());
  for (std::uint16_t cpu = 0; cpu < 4; ++cpu) {
    datagram.Message(
        test::kStatReply,
        test::NfMessage(0, cpu, AttributeBuilder().Be32(CTA_STATS_DROP, cpu < 2 ? cpu + 100U : 0)));
  }
  return Answer{{datagram.Done().bytes()}, {}};
}

TEST(ReadStat, PrefersCtnetlink) {
  const auto stat = ReadAll(AccessTo("6.1-2cpu", test::OpenFake(FourCpus)));
  EXPECT_EQ(stat->source, "ctnetlink");
  EXPECT_EQ(stat->stat.cpus[1][StatCounter::kDrop], 101U);
}

TEST(ReadStat, FallsBackToTheFileWithoutTheCapability) {
  const auto stat = ReadAll(AccessTo("6.1-2cpu"));
  EXPECT_EQ(stat->source, "procfs");
  EXPECT_EQ(stat->stat.cpus[1][StatCounter::kDrop], 179U);
}

/// A virtual machine that may get four CPUs, and has two: the kernel has a row for each of four.
class TwoCpusOfFour : public testing::Test {
 protected:
  TwoCpusOfFour() {
    tree_.Write("net/stat/nf_conntrack", "entries drop\n5 1\n5 2\n5 0\n5 0\n")
        .Write("devices/system/cpu/possible", "0-3\n")
        .Write("devices/system/cpu/present", "0-1\n");
  }

  [[nodiscard]] KernelAccess Access(kernel::NetlinkSocketFactory netlink) const {
    const kernel::KernelFiles files(tree_.root());
    return {files, files, files, std::move(netlink)};
  }

  test::TempTree tree_;
};

TEST_F(TwoCpusOfFour, TheOtherTwoAreLeftOut) {
  EXPECT_EQ(ReadAll(Access(test::RefusingKernel()))->stat.cpus.size(), 2U);
  EXPECT_EQ(ReadAll(Access(test::OpenFake(FourCpus)))->stat.cpus.size(), 2U);
}

TEST_F(TwoCpusOfFour, ARowThatHasCountedStaysWhateverTheListsSay) {
  // A container's list of CPUs may be made up; the counters are the host's.
  tree_.Write("net/stat/nf_conntrack", "entries drop\n5 1\n5 2\n5 0\n5 7\n5 0\n5 9\n");
  const auto stat = ReadAll(Access(test::RefusingKernel()));
  ASSERT_EQ(stat->stat.cpus.size(), 4U);
  EXPECT_EQ(stat->stat.cpus[2].cpu, 3U);
  EXPECT_EQ(stat->stat.cpus[3].cpu, 5U);
}

TEST_F(TwoCpusOfFour, EveryRowIsShownWhereSysfsCannotBeRead) {
  auto access = Access(test::RefusingKernel());
  const test::TempTree empty;
  access.sys = kernel::KernelFiles(empty.root());
  EXPECT_EQ(ReadAll(access)->stat.cpus.size(), 4U);
}

TEST(ReadStat, KernelWithoutTheFileNeedsTheCapability) {
  EXPECT_EQ(ReadAll(AccessTo("5.15-no-stat-file", test::OpenFake(FourCpus)))->source, "ctnetlink");
  const auto denied = ReadAll(AccessTo("5.15-no-stat-file"));
  ASSERT_FALSE(denied.has_value());
  EXPECT_EQ(denied.error().kind, ErrorKind::kDenied);
  EXPECT_THAT(denied.error().message, HasSubstr("CAP_NET_ADMIN"));
  EXPECT_THAT(denied.error().message, HasSubstr("net/stat/nf_conntrack"));
}

}  // namespace
}  // namespace conntrack
