#include "collectors/log/kernel_log_counts.h"

#include <gtest/gtest.h>

#include "tests/support/fake_kmsg_port.h"

namespace conntrack {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;
using test::kTableFull;

class KernelLogTallyTest : public testing::Test {
 protected:
  void Add(std::uint64_t sequence, const std::string& text = kTableFull, unsigned facility = 0) {
    tally_.Add({facility, 4, sequence, {}, text}, At(sequence));
  }
  static system_clock::time_point At(std::uint64_t sequence) {
    return system_clock::time_point(seconds(sequence));
  }
  const KernelLogCounts& Counts() { return tally_.counts(); }

  KernelLogTally tally_;
};

TEST_F(KernelLogTallyTest, BacklogTellsWhenAndIsNotCounted) {
  Add(7);
  Add(9, "net_ratelimit: 3 callbacks suppressed");
  EXPECT_EQ(Counts().table_full.lines, 0U);
  EXPECT_EQ(Counts().table_full.last_seen, At(7));
  EXPECT_EQ(Counts().suppressed, 0U);
  EXPECT_EQ(Counts().lost, 0U);
}

TEST_F(KernelLogTallyTest, NewLinesAreCountedByKind) {
  Add(1, "booting");
  tally_.Follow();
  Add(2);
  Add(3);
  Add(4, "nf_conntrack: expectation table full");
  Add(5, "net_ratelimit: 3 callbacks suppressed");
  Add(6, "net_ratelimit: 4 callbacks suppressed");
  EXPECT_EQ(Counts().table_full.lines, 2U);
  EXPECT_EQ(Counts().table_full.last_seen, At(3));
  EXPECT_EQ(Counts().expectation_table_full.lines, 1U);
  EXPECT_EQ(Counts().suppressed, 7U);
  EXPECT_EQ(Counts().lost, 0U);
}

TEST_F(KernelLogTallyTest, WhatAProcessWritesInTheKernelsWordsIsNotCounted) {
  tally_.Follow();
  Add(1, kTableFull, 1);
  EXPECT_EQ(Counts().table_full.lines, 0U);
  EXPECT_FALSE(Counts().table_full.last_seen.has_value());
}

TEST_F(KernelLogTallyTest, AGapIsCountedAsLost) {
  Add(1);
  tally_.Follow();
  Add(5);
  EXPECT_EQ(Counts().lost, 3U);
  tally_.AddUnreadable();  // was number 6
  Add(7);
  EXPECT_EQ(Counts().lost, 4U);
}

TEST_F(KernelLogTallyTest, FirstRecordOfALogThatWasEmptyIsNoGap) {
  tally_.Follow();
  Add(1000);
  EXPECT_EQ(Counts().lost, 0U);
  EXPECT_EQ(Counts().table_full.lines, 1U);
}

TEST_F(KernelLogTallyTest, WhatIsReadASecondTimeCountsOnce) {
  tally_.Follow();
  for (int pass = 0; pass < 2; ++pass) {
    for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) Add(sequence);
  }
  EXPECT_EQ(Counts().table_full.lines, 3U);
  EXPECT_EQ(Counts().lost, 0U);
}

TEST_F(KernelLogTallyTest, NamespacesBeyondTheCapAreSummedUp) {
  tally_.Follow();
  const auto full_in = [this](std::uint64_t sequence, std::uint64_t inode) {
    Add(sequence, "nf_conntrack: nf_conntrack: table full in netns " + std::to_string(inode) +
                      ", dropping packet");
  };
  const auto most = KernelLogTally::kMaxNamespaces;
  for (std::uint64_t n = 0; n < most + 5; ++n) full_in(n, n);
  full_in(most + 5, 0);
  EXPECT_EQ(Counts().table_full.by_netns.size(), most);
  EXPECT_EQ(Counts().table_full.by_netns.at(0), 2U);
  EXPECT_EQ(Counts().table_full.other_netns, 5U);
  EXPECT_EQ(Counts().table_full.lines, most + 6);
}

}  // namespace
}  // namespace conntrack
