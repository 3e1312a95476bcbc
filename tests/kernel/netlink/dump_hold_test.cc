#include "kernel/netlink/dump_hold.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace conntrack::kernel
