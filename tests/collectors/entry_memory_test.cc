#include "collectors/entry_memory.h"

#include <gtest/gtest.h>

#include "tests/support/captures.h"
#include "tests/support/temp_tree.h"

namespace conntrack {
namespace {

TEST(EntryMemory, EstimateFollowsTheKernelsEras) {
  EXPECT_EQ(EstimateEntryBytes({6, 1}), 256U);
  EXPECT_EQ(EstimateEntryBytes({7, 0}), 256U);
  EXPECT_EQ(EstimateEntryBytes({5, 15}), 320U);
  EXPECT_EQ(EstimateEntryBytes({6, 0}), 320U);
}

TEST(EntryMemory, IsMeasuredWhereSlabinfoCanBeRead) {
  const auto memory =
      ReadEntryMemory(kernel::KernelFiles(test::Capture("2.6.32-2cpu") / "proc"), 5).value();
  EXPECT_EQ(memory.entry_bytes, 304U);
  EXPECT_EQ(memory.netns_bytes, 5U * 304);
  EXPECT_GT(memory.host_bytes.value(), 0U);
  EXPECT_EQ(memory.source, "slabinfo");
}

TEST(EntryMemory, IsEstimatedFromTheCountOtherwise) {
  const auto memory =
      ReadEntryMemory(kernel::KernelFiles(test::Capture("5.15-no-stat-file") / "proc"), 5).value();
  EXPECT_EQ(memory.entry_bytes, 320U);
  EXPECT_EQ(memory.netns_bytes, 1600U);
  EXPECT_FALSE(memory.host_bytes);
  EXPECT_EQ(memory.source, "estimate");
}

TEST(EntryMemory, WithoutEitherTheReleaseIsNamed) {
  test::TempTree tree;
  tree.Write("sys/kernel/osrelease", "custom\n");
  const auto memory = ReadEntryMemory(kernel::KernelFiles(tree.root()), 5);
  ASSERT_FALSE(memory.has_value());
  EXPECT_EQ(memory.error().kind, ErrorKind::kMalformed);
}

TEST(EntryMemory, AtTheLimitIsEntriesAndTheirTable) {
  EXPECT_EQ(MemoryAtLimit(256, 1'000'000, 512), 256'000'000U + 512 * sizeof(void*));
}

}  // namespace
}  // namespace conntrack
