#include "exporter/web/server/fair_slots.h"

#include <gtest/gtest.h>

#include <vector>

namespace conntrack::exporter::web {
namespace {

TEST(FairSlots, AreTakenAndReturned) {
  FairSlots slots(2, 0);
  auto first = slots.Take("a");
  {
    const auto second = slots.Take("a");
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(slots.Take("a"));
    EXPECT_FALSE(slots.Take("b"));
  }
  EXPECT_TRUE(slots.Take("b"));
}

TEST(FairSlots, OneSourceDoesNotGetThoseThatAreKept) {
  FairSlots slots(4, 1);
  std::vector<FairSlots::Slot> greedy;
  while (auto slot = slots.Take("greedy")) greedy.push_back(std::move(*slot));
  EXPECT_EQ(greedy.size(), 3u);
  const auto other = slots.Take("other");
  EXPECT_TRUE(other);
  EXPECT_FALSE(slots.Take("third"));
  greedy.pop_back();
  EXPECT_TRUE(slots.Take("third"));
}

TEST(FairSlots, NumberOfZeroIsNoLimit) {
  FairSlots slots(0, 0);
  std::vector<std::optional<FairSlots::Slot>> held;
  for (int i = 0; i < 1000; ++i) held.push_back(slots.Take("a"));
  for (const auto& slot : held) EXPECT_TRUE(slot);
}

TEST(FairSlots, MovedSlotIsReturnedOnce) {
  FairSlots slots(1, 0);
  {
    auto slot = slots.Take("a");
    const FairSlots::Slot moved = std::move(*slot);
    slot.reset();
    EXPECT_FALSE(slots.Take("a"));
  }
  EXPECT_TRUE(slots.Take("a"));
}

}  // namespace
}  // namespace conntrack::exporter::web
