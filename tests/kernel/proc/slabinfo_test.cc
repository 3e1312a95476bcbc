#include "kernel/proc/slabinfo.h"

#include <gmock/gmock.h>

#include "kernel/proc/kernel_files.h"
#include "tests/support/captures.h"

namespace conntrack::kernel {
namespace {

constexpr std::uint64_t kPage = 4096;

Result<SlabUsage> Captured(const char* capture) {
  return ParseSlabinfo(*KernelFiles(test::Capture(capture) / "proc").Read("slabinfo"), kPage);
}

TEST(Slabinfo, ReadsTheCacheOfEntries) {
  const auto usage = Captured("6.1-2cpu");
  ASSERT_TRUE(usage.has_value());
  EXPECT_EQ(usage->active_objects, 200'144U);
  EXPECT_EQ(usage->object_bytes, 256U);
  EXPECT_EQ(usage->held_bytes, 12'509U * kPage);
}

TEST(Slabinfo, EntriesAreSmallerSince6_1) {
  EXPECT_EQ(Captured("5.10-2cpu")->object_bytes, 320U);
  for (const auto* name : {"6.12-2cpu", "6.18-2cpu", "6.18-module-2cpu", "7.3-2cpu"}) {
    EXPECT_EQ(Captured(name)->object_bytes, 256U) << name;
  }
}

TEST(Slabinfo, AddsUpTheCachesOfOldKernelsAndLeavesExpectationsOut) {
  const auto usage = ParseSlabinfo(
      "nf_conntrack_ffffffff81b18d80 100 130 304 13 1 : tunables 0 0 0 : slabdata 10 10 0\n"
      "nf_conntrack_7 1 13 304 13 1 : tunables 0 0 0 : slabdata 1 1 0\n"
      "nf_conntrack_expect 5 17 240 17 1 : tunables 0 0 0 : slabdata 1 1 0\n",
      kPage);
  EXPECT_EQ(usage->active_objects, 101U);
  EXPECT_EQ(usage->held_bytes, 11U * kPage);
}

TEST(Slabinfo, SaysWhenThereIsNoSuchCache) {
  EXPECT_EQ(ParseSlabinfo("slabinfo - version: 2.1\nkmalloc-8 1 2 8 512 1\n", kPage).error().kind,
            ErrorKind::kAbsent);
}

TEST(Slabinfo, RefusesALineItCannotRead) {
  EXPECT_EQ(ParseSlabinfo("nf_conntrack 1 2\n", kPage).error().kind, ErrorKind::kMalformed);
  EXPECT_EQ(ParseSlabinfo("nf_conntrack a b c d e\n", kPage).error().kind, ErrorKind::kMalformed);
  EXPECT_EQ(ParseSlabinfo("nf_conntrack 1 2 0 0 1\n", kPage).error().kind, ErrorKind::kMalformed);
}

}  // namespace
}  // namespace conntrack::kernel
