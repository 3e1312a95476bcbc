#include "collectors/netns/netns_counters.h"

#include <gmock/gmock.h>

namespace conntrack {
namespace {

using kernel::ConntrackStat;
using kernel::StatCounter;

constexpr std::size_t kDrop = 0;  // in kLossCounters
constexpr std::size_t kChainTooLong = 4;
constexpr bool kOwn = false;
constexpr bool kAnother = true;

/// A namespace of so many CPUs that counts drops alone.
ConntrackStat Drops(const std::vector<std::uint32_t>& drops) {
  ConntrackStat stat;
  for (const auto count : drops) {
    stat.cpus.emplace_back()[StatCounter::kDrop] = count;
  }
  return stat;
}

class NetnsCountersTest : public testing::Test {
 protected:
  /// One round with one namespace.
  std::uint64_t Round(std::uint64_t key, const std::vector<std::uint32_t>& drops,
                      bool is_other = kOwn) {
    counters.BeginRound();
    const auto sums = counters.Add(key, Drops(drops), is_other);
    counters.EndRound();
    return sums[kDrop].value();
  }

  void EmptyRounds(int count) {
    for (int i = 0; i < count; ++i) {
      counters.BeginRound();
      counters.EndRound();
    }
  }

  [[nodiscard]] std::uint64_t other() const { return counters.other()[kDrop].value_or(0); }

  NetnsCounters counters;
};

TEST_F(NetnsCountersTest, SumsOverCpus) {
  EXPECT_EQ(Round(1, {3, 4}), 7U);
  EXPECT_EQ(Round(1, {3, 5}), 8U);
}

TEST_F(NetnsCountersTest, AWrapOnOneCpuGoesOnUpwards) {
  EXPECT_EQ(Round(1, {0xFFFFFFF0U, 10}), 0xFFFFFFFAULL);
  EXPECT_EQ(Round(1, {0x10, 10}), 0x10000001AULL);
  EXPECT_EQ(Round(1, {0x7FFFFFFFU, 10}), 0x180000009ULL);
  EXPECT_EQ(Round(1, {0xFFFFFFF0U, 10}), 0x1FFFFFFFAULL);
}

TEST_F(NetnsCountersTest, ACounterThatGoesBackwardsIsOfANewNamespace) {
  EXPECT_EQ(Round(1, {1000, 500}), 1500U);
  EXPECT_EQ(Round(1, {0, 501}), 501U);
  EXPECT_EQ(Round(1, {2, 501}), 503U);
}

TEST_F(NetnsCountersTest, ANewNamespaceThatHasOvertakenTheOldOneHasItsOwnSum) {
  EXPECT_EQ(Round(1, {10, 10}), 20U);
  EXPECT_EQ(Round(1, {400, 30}), 430U);
}

TEST_F(NetnsCountersTest, AnotherNumberOfCpusIsAnotherNamespace) {
  EXPECT_EQ(Round(1, {10, 10}), 20U);
  EXPECT_EQ(Round(1, {10}), 10U);
}

TEST_F(NetnsCountersTest, WhatTheKernelDoesNotCountIsAbsent) {
  counters.BeginRound();
  const auto sums = counters.Add(1, Drops({1}), kAnother);
  EXPECT_EQ(sums[kDrop], 1U);
  EXPECT_EQ(sums[kChainTooLong], std::nullopt);
  EXPECT_EQ(counters.other()[kChainTooLong], std::nullopt);
}

TEST_F(NetnsCountersTest, OtherIsThereFromTheStart) {
  Round(1, {5}, kOwn);
  EXPECT_EQ(counters.other()[kDrop], 0U);
}

TEST_F(NetnsCountersTest, OtherGrowsByWhatIsAddedWhileANamespaceIsAmongThem) {
  Round(1, {100}, kAnother);
  EXPECT_EQ(other(), 100U);
  Round(1, {130}, kOwn);  // it has filled up, and has a series of its own
  EXPECT_EQ(other(), 100U);
  Round(1, {150}, kAnother);  // and is back
  EXPECT_EQ(other(), 120U);
}

TEST_F(NetnsCountersTest, OtherNeverFallsWhenNamespacesGoOrAreReplaced) {
  Round(1, {100}, kAnother);
  Round(1, {7}, kAnother);  // its number was given to another
  EXPECT_EQ(other(), 107U);
  EmptyRounds(10);
  EXPECT_EQ(other(), 107U);
  EXPECT_EQ(counters.size(), 0U);
}

TEST_F(NetnsCountersTest, ANamespaceMissedInOneRoundIsNotCountedAgain) {
  Round(1, {100}, kAnother);
  EmptyRounds(1);
  Round(1, {101}, kAnother);
  EXPECT_EQ(other(), 101U);
}

}  // namespace
}  // namespace conntrack
