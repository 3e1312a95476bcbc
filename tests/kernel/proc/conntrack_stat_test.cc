#include "kernel/proc/conntrack_stat.h"

#include <gmock/gmock.h>

#include <string>

#include "kernel/proc/kernel_files.h"
#include "kernel/proc/machine.h"
#include "tests/support/captures.h"

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ConntrackStat ParseCapture(const std::string& name) {
  const auto capture = test::Capture(name);
  const auto text = KernelFiles(capture / "proc").Read(kProcStatPath);
  const auto topology = ReadCpuTopology(KernelFiles(capture / "sys"));
  auto stat = ParseProcStat(text.value(), topology->possible);
  EXPECT_TRUE(stat.has_value()) << stat.error().message;
  return *std::move(stat);
}

TEST(ProcStat, Kernel2_6_32HasNoSearchRestart) {
  const auto stat = ParseCapture("2.6.32-2cpu");
  ASSERT_EQ(stat.cpus.size(), 2U);
  EXPECT_EQ(stat.cpus[0][StatCounter::kDrop], 42U);
  EXPECT_EQ(stat.cpus[0][StatCounter::kError], 5U);
  EXPECT_FALSE(stat.cpus[0][StatCounter::kSearchRestart]);
  EXPECT_FALSE(stat.cpus[0][StatCounter::kClashResolve]);
  EXPECT_EQ(stat.expectations, 3U);  // created 3 and 2, removed 1 and 1
}

TEST(ProcStat, Kernel3_10CountsUpToTheLastBit) {
  const auto stat = ParseCapture("3.10-4cpu");
  ASSERT_EQ(stat.cpus.size(), 4U);
  EXPECT_EQ(stat.cpus[3][StatCounter::kSearchRestart], 4294967293U);
  EXPECT_FALSE(stat.cpus[3][StatCounter::kChainTooLong]);
}

/// The header of a capture with one row, in which the first column is 0, the next 1, and so on.
CpuStat Numbered(const std::string& name) {
  const auto text = KernelFiles(test::Capture(name) / "proc").Read(kProcStatPath).value();
  const auto header = text.substr(0, text.find('\n') + 1);
  return ParseProcStat(header + "0 1 2 3 4 5 6 7 8 9 a b c d e f 10\n", {})->cpus.at(0);
}

TEST(ProcStat, SameWidthOtherMeaningIsToldApartByTheHeader) {
  const auto older = Numbered("4.19-2cpu");
  EXPECT_FALSE(older[StatCounter::kClashResolve]);
  const auto middle = Numbered("5.10-2cpu");
  EXPECT_EQ(middle[StatCounter::kClashResolve], 1U);
  EXPECT_FALSE(middle[StatCounter::kChainTooLong]);
  for (const auto* name : {"6.1-2cpu", "6.12-2cpu", "6.18-module-2cpu", "7.3-2cpu"}) {
    const auto newer = Numbered(name);
    EXPECT_EQ(newer[StatCounter::kClashResolve], 1U) << name;
    EXPECT_EQ(newer[StatCounter::kChainTooLong], 7U) << name;
    EXPECT_EQ(newer[StatCounter::kSearchRestart], 16U) << name;
  }
}

TEST(ProcStat, EntriesAreOneLevelThatEveryRowRepeats) {
  EXPECT_EQ(ParseProcStat("entries found\n1f 2\n1f 2\n", {})->entries, 31U);
  EXPECT_EQ(ParseProcStat("found\n2\n", {})->entries, std::nullopt);
}

TEST(ProcStat, RealCapturesHaveEveryCounterAndNothingElse) {
  for (const auto* name : {"6.1-2cpu", "6.12-2cpu", "6.18-2cpu", "6.18-module-2cpu", "7.3-2cpu"}) {
    const auto stat = ParseCapture(name);
    ASSERT_EQ(stat.cpus.size(), 2U) << name;
    EXPECT_THAT(stat.unknown, IsEmpty()) << name;
    for (const auto& counter : stat.cpus[0].counters) EXPECT_TRUE(counter.has_value()) << name;
  }
}

TEST(ProcStat, RealCaptureOf5_10) {
  const auto stat = ParseCapture("5.10-2cpu");
  ASSERT_EQ(stat.cpus.size(), 2U);
  EXPECT_EQ(stat.entries, 42U);
  EXPECT_EQ(stat.cpus[0][StatCounter::kInvalid], 7U);
  EXPECT_EQ(stat.cpus[0][StatCounter::kDrop], 43U);
  EXPECT_EQ(stat.cpus[1][StatCounter::kDrop], 161U);
  EXPECT_EQ(stat.cpus[1][StatCounter::kEarlyDrop], 19U);
  EXPECT_EQ(stat.cpus[1][StatCounter::kInsert], 41U);
}

TEST(ProcStat, CpuNumbersComeFromThePossibleCpus) {
  const auto stat = ParseProcStat("found\n1\n2\n", {2, 5});
  ASSERT_EQ(stat->cpus.size(), 2U);
  EXPECT_EQ(stat->cpus[0].cpu, 2U);
  EXPECT_EQ(stat->cpus[1].cpu, 5U);
}

TEST(ProcStat, RowsAreNumberedWhereTheCpusAreNotKnown) {
  const auto stat = ParseProcStat("found\n1\n2\n", {});
  EXPECT_EQ(stat->cpus[1].cpu, 1U);
}

TEST(ProcStat, MissingColumnLeavesTheCounterAbsent) {
  const auto stat = ParseProcStat("entries found\n1 2\n", {0});
  EXPECT_EQ(stat->cpus[0][StatCounter::kFound], 2U);
  EXPECT_FALSE(stat->cpus[0][StatCounter::kDrop].has_value());
  EXPECT_FALSE(stat->expectations.has_value());
}

TEST(ProcStat, UnknownColumnIsNamedAndSkipped) {
  const auto stat = ParseProcStat("entries teleported found\n1 2 3\n", {0});
  EXPECT_THAT(stat->unknown, ElementsAre("teleported"));
  EXPECT_EQ(stat->cpus[0][StatCounter::kFound], 3U);
}

TEST(ProcStat, ExpectationsSurviveAWrapOfTheirCounters) {
  const auto stat =
      ParseProcStat("found expect_create expect_delete\n0 2 0\n0 0 fffffffe\n", {0, 1});
  EXPECT_EQ(stat->expectations, 4U);
}

TEST(ProcStat, NamesRowAndReasonOfABrokenFile) {
  const auto message = [](std::string_view text) {
    const auto stat = ParseProcStat(text, {0});
    EXPECT_FALSE(stat.has_value()) << text;
    return stat.has_value() ? std::string() : stat.error().message;
  };
  EXPECT_THAT(message(""), HasSubstr("no header"));
  EXPECT_THAT(message("00000000 00000001\n"), HasSubstr("no header"));
  EXPECT_THAT(message("entries found\n"), HasSubstr("no row"));
  EXPECT_THAT(message("entries found\n1\n"), HasSubstr("row 1"));
  EXPECT_THAT(message("entries found\n1 2 3\n"), HasSubstr("more columns"));
  EXPECT_THAT(message("entries found\n1 zz\n"), HasSubstr("\"zz\""));
  EXPECT_THAT(message("entries found\n1 1ffffffff\n"), HasSubstr("32-bit"));
}

TEST(ProcStat, RowsAreNumberedFromZeroWhereTheListOfCpusIsOfAnotherLength) {
  for (const auto& possible :
       std::vector<std::vector<std::uint32_t>>{{}, {7}, {7, 8}, {7, 8, 9, 10}}) {
    const auto stat = ParseProcStat("entries found\n1 2\n1 3\n1 4\n", possible);
    ASSERT_EQ(stat->cpus.size(), 3U);
    EXPECT_EQ(stat->cpus[2].cpu, 2U);
    EXPECT_EQ(stat->cpus[2][StatCounter::kFound], 4U);
  }
}

TEST(RefusesLongChains, IsWhatTheKernelCountsAndItsReleaseWhereItHasNoFile) {
  const auto refuses = [](const char* capture) {
    return ReadRefusesLongChains(KernelFiles(test::Capture(capture) / "proc")).value();
  };
  for (const auto* name : {"2.6.32-2cpu", "4.19-2cpu", "5.10-2cpu"}) {
    EXPECT_FALSE(refuses(name)) << name;
  }
  for (const auto* name : {"5.15-no-stat-file", "6.1-2cpu", "7.3-2cpu"}) {
    EXPECT_TRUE(refuses(name)) << name;
  }
}

TEST(RefusesLongChains, WithoutFileAndReleaseItIsNotKnown) {
  EXPECT_FALSE(ReadRefusesLongChains(KernelFiles("/nonexistent")).has_value());
}

}  // namespace
}  // namespace conntrack::kernel
