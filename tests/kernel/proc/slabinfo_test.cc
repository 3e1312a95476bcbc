#include "kernel/proc/slabinfo.h"

#include <gmock/gmock.h>

#include "kernel/proc/kernel_files.h"
#include "tests/support/captures.h"

namespace conntrack::kernel {
namespace {

constexpr std::uint64_t kPage = 4096;

TEST(Slabinfo, ReadsTheCacheOfEntries) {
  const auto text = KernelFiles(test::Capture("6.1-2cpu") / "proc").Read("slabinfo");
  const auto usage = ParseSlabinfo(*text, kPage);
  ASSERT_TRUE(usage.has_value());
  EXPECT_EQ(usage->active_objects, 200123U);
  EXPECT_EQ(usage->object_bytes, 256U);
  EXPECT_EQ(usage->held_bytes, 12508U * kPage);
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
