#include "collectors/stat_collector.h"

#include <gmock/gmock.h>

#include "tests/support/families.h"
#include "tests/support/temp_tree.h"
#include "tests/support/test_access.h"

namespace conntrack {
namespace {

using test::AccessTo;
using test::FindFamily;
using test::ValueOf;

std::vector<Family> CollectStat(const std::string& capture) {
  return StatCollector(AccessTo(capture)).Collect(test::Patient()).value().families;
}

TEST(StatCollector, OneSampleForEachCpu) {
  const auto families = CollectStat("6.1-2cpu");
  EXPECT_EQ(ValueOf(families, "conntrack_stat_drop_total", {{"cpu", "0"}}), 90);
  EXPECT_EQ(ValueOf(families, "conntrack_stat_drop_total", {{"cpu", "1"}}), 80);
  EXPECT_EQ(ValueOf(families, "conntrack_stat_source_info", {{"source", "procfs"}}), 1);
}

TEST(StatCollector, ExportsOnlyWhatTheKernelCounts) {
  const auto old = CollectStat("2.6.32-2cpu");
  EXPECT_EQ(FindFamily(old, "conntrack_stat_search_restart_total"), nullptr);
  EXPECT_EQ(FindFamily(old, "conntrack_stat_clash_resolve_total"), nullptr);
  const auto middle = CollectStat("5.10-2cpu-of-8-possible");
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

}  // namespace
}  // namespace conntrack
