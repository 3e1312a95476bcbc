#include "kernel/proc/cpu_list.h"

#include <gmock/gmock.h>

#include "tests/support/temp_tree.h"

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(CpuList, ReadsSinglesAndRanges) {
  EXPECT_THAT(ParseCpuList("0\n").value(), ElementsAre(0));
  EXPECT_THAT(ParseCpuList("0-3,5,8-9\n").value(), ElementsAre(0, 1, 2, 3, 5, 8, 9));
  EXPECT_THAT(ParseCpuList("\n").value(), IsEmpty());
}

TEST(CpuList, RefusesWhatTheKernelNeverPrints) {
  for (const auto* text : {"x", "1-", "-1", "3-1", "1,,2", "2,1", "0-3,2", "0-4000000000", "1 2"}) {
    EXPECT_FALSE(ParseCpuList(text).has_value()) << text;
  }
}

TEST(CpuTopology, TellsPossibleFromPresent) {
  test::TempTree tree;
  tree.Write("devices/system/cpu/possible", "0-7\n").Write("devices/system/cpu/present", "0-1\n");
  const auto topology = ReadCpuTopology(KernelFiles(tree.root()));
  EXPECT_EQ(topology->possible.size(), 8U);
  EXPECT_THAT(topology->present, ElementsAre(0, 1));
}

}  // namespace
}  // namespace conntrack::kernel
