#include "collectors/sliding_maximum.h"

#include <gtest/gtest.h>

namespace conntrack {
namespace {

using std::chrono::seconds;

const SlidingMaximum::TimePoint kStart{seconds(1'000'000)};

TEST(SlidingMaximum, IsEmptyAtFirst) { EXPECT_FALSE(SlidingMaximum().Get(kStart).has_value()); }

TEST(SlidingMaximum, KeepsABurstThatIsOver) {
  SlidingMaximum maximum;
  maximum.Add(kStart, 5);
  maximum.Add(kStart + std::chrono::milliseconds(250), 900);
  maximum.Add(kStart + seconds(1), 7);
  EXPECT_EQ(maximum.Get(kStart + seconds(30)), 900);
}

TEST(SlidingMaximum, ForgetsAfterAMinute) {
  SlidingMaximum maximum;
  maximum.Add(kStart, 900);
  maximum.Add(kStart + seconds(10), 7);
  EXPECT_EQ(maximum.Get(kStart + seconds(59)), 900);
  EXPECT_EQ(maximum.Get(kStart + seconds(60)), 7);
  EXPECT_FALSE(maximum.Get(kStart + seconds(70)).has_value());
}

TEST(SlidingMaximum, ASlotUsedAgainStartsAnew) {
  SlidingMaximum maximum;
  maximum.Add(kStart, 900);
  maximum.Add(kStart + seconds(60), 3);
  EXPECT_EQ(maximum.Get(kStart + seconds(60)), 3);
}

}  // namespace
}  // namespace conntrack
