#include "kernel/proc/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/captures.h"
#include "tests/support/temp_tree.h"

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(CpuList, ReadsSinglesAndRanges) {
  EXPECT_THAT(ParseCpuList("0\n").value(), ElementsAre(0));
  EXPECT_THAT(ParseCpuList("0-3,5,8-9\n").value(), ElementsAre(0, 1, 2, 3, 5, 8, 9));
  EXPECT_THAT(ParseCpuList("\n").value(), IsEmpty());
}

TEST(CpuList, RefusesWhatTheKernelNeverPrints) {
  for (const auto* text : {"x", "1-", "-1", "3-1", "1,,2", "2,1", "0-3,2", "0-4000000000", "1 2"}) {
    EXPECT_FALSE(ParseCpuList(text).has_value()) << text;
  }
}

TEST(CpuTopology, TellsPossibleFromPresent) {
  test::TempTree tree;
  tree.Write("devices/system/cpu/possible", "0-7\n").Write("devices/system/cpu/present", "0-1\n");
  const auto topology = ReadCpuTopology(KernelFiles(tree.root()));
  EXPECT_EQ(topology->possible.size(), 8U);
  EXPECT_THAT(topology->present, ElementsAre(0, 1));
}

TEST(KernelRelease, IsTheFirstTwoNumbers) {
  EXPECT_EQ(ParseKernelRelease("6.1.0-26-amd64\n").value(), (KernelRelease{6, 1}));
  EXPECT_EQ(ParseKernelRelease("7.0-rc1").value(), (KernelRelease{7, 0}));
  EXPECT_EQ(ParseKernelRelease("2.6.32-754.el6.x86_64").value(), (KernelRelease{2, 6}));
  EXPECT_EQ(ParseKernelRelease("5.15+").value(), (KernelRelease{5, 15}));
}

TEST(KernelRelease, IsOrderedByNumberNotByText) {
  EXPECT_LT((KernelRelease{5, 4}), (KernelRelease{5, 15}));
  EXPECT_LT((KernelRelease{5, 19}), (KernelRelease{6, 0}));
}

TEST(KernelRelease, WhatIsNoReleaseIsNamed) {
  for (const auto* text : {"", "6", "six.one", "6.", ".1", "-6.1"}) {
    const auto release = ParseKernelRelease(text);
    ASSERT_FALSE(release.has_value()) << text;
    EXPECT_EQ(release.error().kind, ErrorKind::kMalformed);
  }
}

TEST(KernelRelease, IsReadFromTheKernel) {
  EXPECT_EQ(ReadKernelRelease(KernelFiles(test::Capture("4.19-2cpu") / "proc")).value(),
            (KernelRelease{4, 19}));
}

TEST(Meminfo, ReadsTheTotalInBytes) {
  EXPECT_EQ(ParseMemTotal("MemTotal:       24560640 kB\nMemFree: 1 kB\n").value(),
            24560640ULL * 1024);
  EXPECT_FALSE(ParseMemTotal("MemFree: 1 kB\n").has_value());
  EXPECT_FALSE(ParseMemTotal("MemTotal: many kB\n").has_value());
}

}  // namespace
}  // namespace conntrack::kernel
