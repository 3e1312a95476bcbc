#include "kernel/netlink/dump_hold.h"

#include <gtest/gtest.h>

namespace conntrack::kernel {
namespace {

using std::chrono::milliseconds;

TEST(EstimateHold, MatchesWhatWasMeasuredInAnAlmostEmptyNamespace) {
  EXPECT_GT(EstimateHold(1, 1'000'001, 1'048'576), milliseconds(180));
  EXPECT_LT(EstimateHold(1, 1'000'001, 1'048'576), milliseconds(240));
}

TEST(EstimateHold, AFullTableOfOnesOwnIsCheap) {
  EXPECT_LT(EstimateHold(1'000'000, 1'000'000, 1'048'576), milliseconds(1));
}

TEST(EstimateHold, AnIdleHostIsNotHeldBack) {
  EXPECT_LT(EstimateHold(20, 20, 1'048'576), milliseconds(50));
}

TEST(EstimateHold, SlabFiguresBelowTheOwnCountAreNoNegativeNumberOfStrangers) {
  EXPECT_LT(EstimateHold(100'000, 10, 262'144), milliseconds(1));
}

}  // namespace
}  // namespace conntrack::kernel
