#include "collectors/sizing_collector.h"

#include <gmock/gmock.h>

#include "tests/support/captures.h"
#include "tests/support/families.h"
#include "tests/support/temp_tree.h"

namespace conntrack {
namespace {

using test::ValueOf;
using testing::ElementsAre;
using testing::Field;

Result<Collection> CollectSizing(const std::filesystem::path& proc,
                                 std::optional<SizingProfile> profile = std::nullopt) {
  const kernel::KernelFiles files(proc);
  return SizingCollector(files, std::make_shared<EntriesPeak>(files), profile)
      .Collect(test::Patient());
}

std::optional<double> LimitBy(const Result<Collection>& collection, const char* basis) {
  return ValueOf(collection->families, "conntrack_recommended_entries_limit", {{"basis", basis}});
}

TEST(SizingCollector, RecommendsByMemoryAndByPeak) {
  const auto collection = CollectSizing(test::Capture("6.1-2cpu") / "proc");
  ASSERT_TRUE(collection.has_value());
  EXPECT_EQ(LimitBy(collection, "memory"), 524'288);
  EXPECT_EQ(LimitBy(collection, "peak"), 300'003);
  EXPECT_EQ(LimitBy(collection, "profile"), std::nullopt);
  EXPECT_TRUE(collection->omissions.empty());
}

TEST(SizingCollector, BucketsAreThoseOfTheLimitInForceAndTheKernelsEra) {
  const auto buckets = [](const char* capture, std::optional<SizingProfile> profile) {
    return ValueOf(CollectSizing(test::Capture(capture) / "proc", profile)->families,
                   "conntrack_recommended_hash_buckets");
  };
  EXPECT_EQ(buckets("2.6.32-2cpu", std::nullopt), 16'384);
  EXPECT_EQ(buckets("4.19-2cpu", std::nullopt), 65'536);
  EXPECT_EQ(buckets("6.18-2cpu", std::nullopt), 262'144);
  EXPECT_EQ(buckets("4.19-2cpu", SizingProfile::kKubernetes), 262'144);
}

TEST(SizingCollector, BucketsAreByWhatTheKernelCountsAndNotByItsRelease) {
  test::TempTree tree;
  tree.Sysctl("nf_conntrack_count", "10").Sysctl("nf_conntrack_max", "262144");
  const auto buckets = [&](const char* release, const std::string& column) {
    tree.Write("sys/kernel/osrelease", release)
        .Write("net/stat/nf_conntrack", "entries clashres " + column + " drop\n0 0 0 0\n");
    return ValueOf(CollectSizing(tree.root())->families, "conntrack_recommended_hash_buckets");
  };
  EXPECT_EQ(buckets("5.14.0-687.36.1.el9_8.x86_64", "chainlength"), 262'144);
  EXPECT_EQ(buckets("5.15.0", "delete_list"), 65'536);
}

TEST(SizingCollector, ProfileIsThereWhereItIsGiven) {
  const auto collection =
      CollectSizing(test::Capture("6.1-2cpu") / "proc", SizingProfile::kNatGateway);
  EXPECT_EQ(LimitBy(collection, "profile"), 1'048'576);
}

TEST(SizingCollector, WhatLacksAFigureIsLeftOutAndNamed) {
  test::TempTree tree;
  tree.Sysctl("nf_conntrack_count", "10").Sysctl("nf_conntrack_max", "0");
  const auto collection = CollectSizing(tree.root(), SizingProfile::kLight);
  ASSERT_TRUE(collection.has_value());
  EXPECT_EQ(LimitBy(collection, "peak"), 15);
  EXPECT_EQ(LimitBy(collection, "profile"), 131'072);
  EXPECT_THAT(
      collection->omissions,
      ElementsAre(Field(&Omission::part, "conntrack_recommended_entries_limit{basis=\"memory\"}"),
                  Field(&Omission::part, "conntrack_recommended_hash_buckets")));
}

TEST(SizingCollector, WithoutTheModuleThereIsNothingToSize) {
  const auto collection = CollectSizing(test::Capture("module-not-loaded") / "proc");
  ASSERT_FALSE(collection.has_value());
  EXPECT_EQ(collection.error().kind, ErrorKind::kAbsent);
}

}  // namespace
}  // namespace conntrack
