#include "collectors/entries_peak.h"

#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <thread>

#include "tests/support/temp_tree.h"

namespace conntrack {
namespace {

const SlidingMaximum::TimePoint kStart{std::chrono::seconds(1'000'000)};

TEST(SlidingMaximum, IsEmptyAtFirst) { EXPECT_FALSE(SlidingMaximum().Get(kStart).has_value()); }

TEST(SlidingMaximum, KeepsABurstThatIsOver) {
  SlidingMaximum maximum;
  maximum.Add(kStart, 5);
  maximum.Add(kStart + std::chrono::milliseconds(250), 900);
  maximum.Add(kStart + std::chrono::seconds(1), 7);
  EXPECT_EQ(maximum.Get(kStart + std::chrono::seconds(30)), 900);
}

TEST(SlidingMaximum, ForgetsAfterAMinute) {
  SlidingMaximum maximum;
  maximum.Add(kStart, 900);
  maximum.Add(kStart + std::chrono::seconds(10), 7);
  EXPECT_EQ(maximum.Get(kStart + std::chrono::seconds(59)), 900);
  EXPECT_EQ(maximum.Get(kStart + std::chrono::seconds(60)), 7);
  EXPECT_FALSE(maximum.Get(kStart + std::chrono::seconds(70)).has_value());
}

TEST(SlidingMaximum, ASlotUsedAgainStartsAnew) {
  SlidingMaximum maximum;
  maximum.Add(kStart, 900);
  maximum.Add(kStart + std::chrono::seconds(60), 3);
  EXPECT_EQ(maximum.Get(kStart + std::chrono::seconds(60)), 3);
}

TEST(FullTime, CountsTheTimeUpToAFullReadingAndNoOther) {
  FullTime full;
  const auto second = std::chrono::seconds(1);
  full.Add(kStart, 95, 100);
  EXPECT_EQ(full.seconds(), 0) << "for how long it has been full is not known yet";
  full.Add(kStart + second, 95, 100);
  full.Add(kStart + 4 * second, 101, 100);
  EXPECT_EQ(full.seconds(), 4);
  full.Add(kStart + 5 * second, 94, 100);
  full.Add(kStart + 6 * second, 100, 200);
  full.Add(kStart + 7 * second, 100, 0);  // no limit
  EXPECT_EQ(full.seconds(), 4);
  full.Add(kStart + 7 * second + std::chrono::milliseconds(250), 190, 200);
  EXPECT_EQ(full.seconds(), 4.25);
}

TEST(EntriesPeak, RemembersABurstBetweenTwoScrapes) {
  test::TempTree tree;
  tree.Sysctl("nf_conntrack_count", "900");
  EntriesPeak peak{kernel::KernelFiles(tree.root())};
  // The thread reads by itself: wait until it has, however slow the machine is.
  while (peak.Get(1) != 900) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  tree.Sysctl("nf_conntrack_count", "2");
  EXPECT_EQ(peak.Get(2), 900);
}

TEST(EntriesPeak, CountsTheSecondsOfAFullTableBetweenTwoScrapes) {
  test::TempTree tree;
  tree.Sysctl("nf_conntrack_count", "950").Sysctl("nf_conntrack_max", "1000");
  EntriesPeak peak{kernel::KernelFiles(tree.root())};
  // What counts here is what the thread has read: a reading of ours, not full, adds nothing.
  while (peak.FullSeconds(0, 1000) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST(EntriesPeak, ShowsWhoWatchesEveryCountAndTheLimitWhereItIsKnown) {
  test::TempTree tree;
  tree.Sysctl("nf_conntrack_count", "900");
  std::promise<std::pair<std::int64_t, std::optional<std::int64_t>>> seen;
  std::once_flag once;
  const EntriesPeak peak{kernel::KernelFiles(tree.root()), [&](auto count, auto limit) {
                           std::call_once(once, [&] { seen.set_value({count, limit}); });
                         }};
  const auto [count, limit] = seen.get_future().get();
  EXPECT_EQ(count, 900);
  EXPECT_FALSE(limit);
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
