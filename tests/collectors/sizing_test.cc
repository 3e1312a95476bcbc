#include "collectors/sizing.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace conntrack {
namespace {

constexpr std::uint64_t kMiB = 1ULL << 20U;
constexpr std::uint64_t kGiB = 1ULL << 30U;
constexpr std::uint64_t kPlenty = 100'000'000;

TEST(NominalMemory, IsWhatTheMachineIsSoldWith) {
  EXPECT_EQ(NominalMemory(4'030'504 * 1024ULL), 4 * kGiB);
  EXPECT_EQ(NominalMemory(16'384'000 * 1024ULL), 16 * kGiB);
  EXPECT_EQ(NominalMemory(24'684'096 * 1024ULL), 24 * kGiB);
  EXPECT_EQ(NominalMemory(966 * kMiB), kGiB);
  EXPECT_EQ(NominalMemory(7'900 * kMiB), 8 * kGiB);
  EXPECT_EQ(NominalMemory(251 * kGiB + kGiB / 2), 256 * kGiB);
  EXPECT_EQ(NominalMemory(8 * kGiB), 8 * kGiB);
}

TEST(NominalMemory, StaysWhereTheNextStepIsTooFar) {
  EXPECT_EQ(NominalMemory(33 * kGiB), 33 * kGiB);
  EXPECT_EQ(NominalMemory(3'680 * kMiB), 3'680 * kMiB);  // 4 GiB would be a tenth more
  EXPECT_EQ(NominalMemory(0), 0U);
  EXPECT_EQ(NominalMemory(UINT64_MAX), UINT64_MAX);
}

TEST(Sizing, ByMemoryIsTheKernelsOwnRule) {
  EXPECT_EQ(LimitByMemory(4'030'504 * 1024ULL), 131'072U);
  EXPECT_EQ(LimitByMemory(8'140'000 * 1024ULL), 262'144U);
  EXPECT_EQ(LimitByMemory(16'384'000 * 1024ULL), 524'288U);
}

TEST(Sizing, ByPeakLeavesHeadroomAndRoundsUp) {
  EXPECT_EQ(LimitByPeak(200'000), 300'000U);
  EXPECT_EQ(LimitByPeak(7), 11U);
  EXPECT_EQ(LimitByPeak(0), 0U);
  EXPECT_EQ(LimitByPeak(1000, 2.0), 2000U);
}

TEST(Sizing, ByProfileIsTheLowerEndUnlessMemoryAndPeakBothJustifyMore) {
  EXPECT_EQ(LimitByProfile(SizingProfile::kMedium, kPlenty, 1000), 262'144U);
  EXPECT_EQ(LimitByProfile(SizingProfile::kMedium, 1000, kPlenty), 262'144U);
  EXPECT_EQ(LimitByProfile(SizingProfile::kMedium, 400'000, kPlenty), 400'000U);
  EXPECT_EQ(LimitByProfile(SizingProfile::kMedium, kPlenty, kPlenty), 524'288U);
  EXPECT_EQ(LimitByProfile(SizingProfile::kLight, kPlenty, kPlenty), 131'072U);
  EXPECT_EQ(LimitByProfile(SizingProfile::kHeavy, kPlenty, kPlenty), 1'048'576U);
  EXPECT_EQ(LimitByProfile(SizingProfile::kKubernetes, 0, 0), 262'144U);
  EXPECT_EQ(LimitByProfile(SizingProfile::kNatGateway, kPlenty, 1'500'000), 1'500'000U);
}

TEST(Sizing, ProfilesAreKnownByTheirNames) {
  std::set<std::string_view> names;
  for (const auto& range : SizingProfiles()) {
    EXPECT_TRUE(names.insert(range.name).second);
    EXPECT_EQ(ProfileNamed(range.name), range.profile);
    EXPECT_EQ(RangeOf(range.profile).name, range.name);
    EXPECT_LE(range.lowest, range.highest);
  }
  EXPECT_FALSE(ProfileNamed("huge").has_value());
  EXPECT_FALSE(ProfileNamed("").has_value());
}

TEST(Sizing, KubeProxySetsByCoresFromAFloorOn) {
  EXPECT_EQ(LimitByKubeProxy(2), 131'072U);
  EXPECT_EQ(LimitByKubeProxy(4), 131'072U);
  EXPECT_EQ(LimitByKubeProxy(96), 3'145'728U);
}

TEST(Sizing, BucketsFollowWhetherTheKernelRefusesLongChains) {
  EXPECT_EQ(BucketsFor(262'144, false), 65'536U);
  EXPECT_EQ(BucketsFor(262'144, true), 262'144U);
  EXPECT_EQ(BucketsFor(262'144, false, SizingProfile::kKubernetes), 262'144U);
  EXPECT_EQ(BucketsFor(262'144, false, SizingProfile::kHeavy), 65'536U);
}

TEST(Sizing, BucketsAreWholePages) {
  EXPECT_EQ(BucketsFor(1, true), 512U);
  EXPECT_EQ(BucketsFor(2'147'483'647, true), 536'870'400U) << "the kernel takes no more";
  EXPECT_EQ(BucketsFor(300'000, true), 300'032U);
  EXPECT_EQ(BucketsFor(300'000, false), 75'264U);
}

}  // namespace
}  // namespace conntrack
