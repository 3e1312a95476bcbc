#include "collectors/entries_peak.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/support/temp_tree.h"

namespace conntrack {
namespace {

TEST(EntriesPeak, RemembersABurstBetweenTwoScrapes) {
  test::TempTree tree;
  tree.Sysctl("nf_conntrack_count", "900");
  EntriesPeak peak{kernel::KernelFiles(tree.root())};
  // The thread reads by itself: wait until it has, however slow the machine is.
  while (peak.Get(1) != 900) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  tree.Sysctl("nf_conntrack_count", "2");
  EXPECT_EQ(peak.Get(2), 900);
}

TEST(EntriesPeak, KeepsTheHighestOfAllForAsLongAsItLives) {
  const test::TempTree empty;
  EntriesPeak peak{kernel::KernelFiles(empty.root())};
  EXPECT_EQ(peak.Highest(0), 0);
  EXPECT_EQ(peak.Get(800), 800);  // a reading of one is a reading of the other
  EXPECT_EQ(peak.Highest(5), 800);
}

TEST(EntriesPeak, TakesTheCurrentCountWhereNothingElseIsKnown) {
  const test::TempTree empty;
  EntriesPeak peak{kernel::KernelFiles(empty.root())};
  EXPECT_EQ(peak.Get(17), 17);
}

}  // namespace
}  // namespace conntrack
