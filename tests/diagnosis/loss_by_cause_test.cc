#include "diagnosis/loss_by_cause.h"

#include <gmock/gmock.h>

#include <utility>
#include <vector>

namespace conntrack {
namespace {

using kernel::KernelRelease;
using kernel::StatCounter;
using testing::HasSubstr;

using Counters = std::vector<std::pair<StatCounter, std::uint32_t>>;

kernel::CpuStat Cpu(std::uint32_t number, const Counters& counters) {
  kernel::CpuStat cpu;
  cpu.cpu = number;
  for (const auto& [counter, value] : counters) cpu[counter] = value;
  return cpu;
}

StatTotals Totals(const Counters& counters) { return TotalsOf({{Cpu(0, counters)}, {}, {}}); }

// What the kernels of an era keep, with these values.
StatTotals Since515(std::uint32_t drop, std::uint32_t insert_failed, std::uint32_t chain_toolong) {
  return Totals({{StatCounter::kDrop, drop},
                 {StatCounter::kInsertFailed, insert_failed},
                 {StatCounter::kClashResolve, 1000},
                 {StatCounter::kChainTooLong, chain_toolong}});
}
StatTotals Since510(std::uint32_t drop, std::uint32_t insert_failed) {
  return Totals({{StatCounter::kDrop, drop},
                 {StatCounter::kInsertFailed, insert_failed},
                 {StatCounter::kClashResolve, 1000}});
}
StatTotals Before510(std::uint32_t drop, std::uint32_t insert_failed) {
  return Totals({{StatCounter::kDrop, drop}, {StatCounter::kInsertFailed, insert_failed}});
}

TEST(LossByCause, Since515EveryCauseHasItsShare) {
  // 100 for the full table, 7 clashes, 30 for long chains.
  const auto loss = SplitLoss(Since515(107, 37, 30), {});
  EXPECT_EQ(loss.table_full.packets, 100U);
  EXPECT_EQ(loss.unresolved_clash.packets, 7U);
  EXPECT_EQ(loss.chain_too_long.packets, 30U);
  EXPECT_EQ(loss.total.packets, 137U);
}

TEST(LossByCause, Since515LongChainsAreNotTakenOffTheFullTable) {
  const auto loss = SplitLoss(Since515(0, 500, 500), {});
  EXPECT_EQ(loss.table_full.packets, 0U);
  EXPECT_EQ(loss.unresolved_clash.packets, 0U);
  EXPECT_EQ(loss.chain_too_long.packets, 500U);
}

TEST(LossByCause, DifferencesNeverFallBelowZero) {
  // Entries that died meanwhile are in insert_failed, not in drop; and counters are read one after
  // another.
  const auto loss = SplitLoss(Since515(3, 5, 9), {});
  EXPECT_EQ(loss.unresolved_clash.packets, 0U);
  EXPECT_EQ(loss.table_full.packets, 3U);
  EXPECT_EQ(SplitLoss(Since515(3, 5, 0), {}).table_full.packets, 0U);
}

TEST(LossByCause, Since510ThereIsNoLimitOnChains) {
  const auto loss = SplitLoss(Since510(107, 7), {});
  EXPECT_EQ(loss.table_full.packets, 100U);
  EXPECT_EQ(loss.unresolved_clash.packets, 7U);
  EXPECT_EQ(loss.chain_too_long.packets, std::nullopt);
  EXPECT_THAT(std::string(loss.chain_too_long.unknown), HasSubstr("5.15"));
  EXPECT_EQ(loss.total.packets, 107U);
}

TEST(LossByCause, From49To59ResolvedClashesHideTheSplit) {
  const auto loss = SplitLoss(Before510(107, 20), KernelRelease{4, 19});
  EXPECT_EQ(loss.table_full.packets, std::nullopt);
  EXPECT_EQ(loss.unresolved_clash.packets, std::nullopt);
  EXPECT_THAT(std::string(loss.table_full.unknown), HasSubstr("5.10"));
  EXPECT_EQ(loss.total.packets, 107U);
}

TEST(LossByCause, From49To59TheSplitIsKnownWhereOneCounterIsZero) {
  const auto no_clash = SplitLoss(Before510(107, 0), KernelRelease{5, 4});
  EXPECT_EQ(no_clash.table_full.packets, 107U);
  EXPECT_EQ(no_clash.unresolved_clash.packets, 0U);
  const auto no_drop = SplitLoss(Before510(0, 20), KernelRelease{4, 9});
  EXPECT_EQ(no_drop.table_full.packets, 0U);
  EXPECT_EQ(no_drop.unresolved_clash.packets, 0U) << "they were all resolved";
  EXPECT_EQ(no_drop.total.packets, 0U);
}

TEST(LossByCause, Until48ClashesAreNotInDrop) {
  const auto loss = SplitLoss(Before510(100, 7), KernelRelease{3, 10});
  EXPECT_EQ(loss.table_full.packets, 100U);
  EXPECT_EQ(loss.unresolved_clash.packets, 7U);
  EXPECT_EQ(loss.total.packets, 107U);
  EXPECT_EQ(loss.chain_too_long.packets, std::nullopt);
}

TEST(LossByCause, WithoutTheReleaseOnlyWhatBothOldErasAgreeOnIsKnown) {
  const auto loss = SplitLoss(Before510(100, 7), {});
  EXPECT_EQ(loss.table_full.packets, std::nullopt);
  EXPECT_EQ(loss.unresolved_clash.packets, std::nullopt);
  EXPECT_EQ(loss.total.packets, std::nullopt);
  EXPECT_EQ(SplitLoss(Before510(0, 7), {}).table_full.packets, 0U);
  EXPECT_EQ(SplitLoss(Before510(100, 0), {}).total.packets, 100U);
}

TEST(LossByCause, MissingCountersLeaveEverythingUnknown) {
  const auto loss = SplitLoss({}, KernelRelease{6, 1});
  for (const auto* part :
       {&loss.table_full, &loss.unresolved_clash, &loss.chain_too_long, &loss.total}) {
    EXPECT_EQ(part->packets, std::nullopt);
    EXPECT_FALSE(part->unknown.empty());
  }
  EXPECT_EQ(loss.invalid, std::nullopt);
  EXPECT_EQ(loss.evicted, std::nullopt);
}

TEST(LossByCause, InvalidAndEvictedAreKeptApartFromLoss) {
  auto totals = Since515(0, 0, 0);
  totals[StatCounter::kInvalid] = 50;
  totals[StatCounter::kEarlyDrop] = 60;
  const auto loss = SplitLoss(totals, {});
  EXPECT_EQ(loss.invalid, 50U);
  EXPECT_EQ(loss.evicted, 60U);
  EXPECT_EQ(loss.total.packets, 0U);
}

TEST(LossByCause, EachReasonIsNamedOnce) {
  EXPECT_EQ(UnknownReasons(SplitLoss({}, {})).size(), 1U);
  EXPECT_TRUE(UnknownReasons(SplitLoss(Since515(0, 0, 0), {})).empty());
}

TEST(StatTotals, AddUpCpusAndKeepWhatNoneCountsAbsent) {
  const auto totals = TotalsOf(
      {{Cpu(0, {{StatCounter::kDrop, 0xffffffff}}), Cpu(3, {{StatCounter::kDrop, 2}})}, {}, {}});
  EXPECT_EQ(totals[StatCounter::kDrop], 0x100000001U);
  EXPECT_EQ(totals[StatCounter::kChainTooLong], std::nullopt);
}

TEST(StatTotals, ACounterThatWrappedBetweenTwoReadingsGrew) {
  const kernel::ConntrackStat before{
      {Cpu(0, {{StatCounter::kDrop, 0xfffffffe}}), Cpu(1, {{StatCounter::kDrop, 10}})}, {}, {}};
  const kernel::ConntrackStat after{
      {Cpu(0, {{StatCounter::kDrop, 3}}), Cpu(1, {{StatCounter::kDrop, 10}})}, {}, {}};
  EXPECT_EQ(TotalsBetween(before, after)[StatCounter::kDrop], 5U);
}

TEST(StatTotals, ACpuThatCameHadCountedNothingAndOneThatWentIsLeftOut) {
  const kernel::ConntrackStat before{
      {Cpu(0, {{StatCounter::kDrop, 5}}), Cpu(1, {{StatCounter::kDrop, 10}})}, {}, {}};
  const kernel::ConntrackStat after{
      {Cpu(0, {{StatCounter::kDrop, 6}}), Cpu(2, {{StatCounter::kDrop, 1000}})}, {}, {}};
  EXPECT_EQ(TotalsBetween(before, after)[StatCounter::kDrop], 1001U);
}

}  // namespace
}  // namespace conntrack
