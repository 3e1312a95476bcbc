#include "exporter/metrics/process_metrics.h"

#include <gmock/gmock.h>

#include <ctime>

#include "exporter/version.h"
#include "tests/support/families.h"
#include "tests/support/temp_tree.h"

namespace conntrack::exporter {
namespace {

using test::ValueOf;

TEST(ProcessFamilies, DescribeThisProcess) {
  const auto families = ProcessFamilies(kernel::KernelFiles("/proc"));
  EXPECT_GT(ValueOf(families, "process_resident_memory_bytes").value(), 100'000);
  EXPECT_GE(ValueOf(families, "process_virtual_memory_bytes").value(),
            ValueOf(families, "process_resident_memory_bytes").value());
  EXPECT_GE(ValueOf(families, "process_open_fds").value(), 3);
  EXPECT_GT(ValueOf(families, "process_max_fds").value(), 3);
  EXPECT_GE(ValueOf(families, "process_cpu_seconds_total").value(), 0);
  const auto start = ValueOf(families, "process_start_time_seconds").value();
  EXPECT_NEAR(start, static_cast<double>(std::time(nullptr)), 3600);
  EXPECT_EQ(test::FindFamily(families, "conntrack_exporter_build_info")->samples[0].labels[0].value,
            kVersion);
}

TEST(ProcessFamilies, ANameWithBlanksAndParenthesesMovesNoField) {
  test::TempTree tree;
  tree.Write("self/stat",
             "7 (a ) b (c)) S 1 2 3 4 5 6 7 8 9 10 100 200 13 14 15 16 17 18 0 4096 2\n");
  const auto families = ProcessFamilies(kernel::KernelFiles(tree.root()));
  EXPECT_EQ(ValueOf(families, "process_virtual_memory_bytes"), 4096);
  EXPECT_DOUBLE_EQ(ValueOf(families, "process_cpu_seconds_total").value(), 3.0);
}

TEST(ProcessFamilies, WhatCannotBeReadIsLeftOut) {
  const test::TempTree empty;
  EXPECT_EQ(ProcessFamilies(kernel::KernelFiles(empty.root())).size(), 1U);
}

}  // namespace
}  // namespace conntrack::exporter
