#include "collectors/memory_collector.h"

#include <gmock/gmock.h>

#include "tests/support/captures.h"
#include "tests/support/families.h"
#include "tests/support/temp_tree.h"

namespace conntrack {
namespace {

using test::ValueOf;

std::vector<Family> CollectMemory(const std::string& capture) {
  return MemoryCollector(kernel::KernelFiles(test::Capture(capture) / "proc"))
      .Collect(test::Patient())
      .value()
      .families;
}

TEST(MemoryCollector, MeasuresWhereSlabinfoCanBeRead) {
  const auto families = CollectMemory("6.1-2cpu");
  EXPECT_EQ(ValueOf(families, "conntrack_entry_size_bytes"), 256);
  EXPECT_EQ(ValueOf(families, "conntrack_memory_bytes", {{"kind", "entries"}}), 12509.0 * 4096);
  EXPECT_EQ(ValueOf(families, "conntrack_memory_bytes", {{"kind", "hash_table"}}), 262'144.0 * 8);
  EXPECT_EQ(ValueOf(families, "conntrack_memory_at_limit_bytes"), 262'144.0 * 256 + 262'144.0 * 8);
  EXPECT_EQ(ValueOf(families, "conntrack_system_memory_bytes"), 16'389'900.0 * 1024);
  EXPECT_EQ(ValueOf(families, "conntrack_memory_source_info", {{"source", "slabinfo"}}), 1);
}

TEST(MemoryCollector, EstimatesWhereItCannotAndSaysSo) {
  const auto families = CollectMemory("5.15-no-stat-file");
  EXPECT_EQ(ValueOf(families, "conntrack_entry_size_bytes"), 320);
  EXPECT_EQ(ValueOf(families, "conntrack_memory_bytes", {{"kind", "entries"}}), 320.0 * 4096);
  EXPECT_EQ(ValueOf(families, "conntrack_memory_source_info", {{"source", "estimate"}}), 1);
}

TEST(MemoryCollector, WithoutTheModuleThereIsNothingToMeasure) {
  const auto collection =
      MemoryCollector(kernel::KernelFiles(test::Capture("module-not-loaded") / "proc"))
          .Collect(test::Patient());
  EXPECT_EQ(collection.error().kind, ErrorKind::kAbsent);
}

TEST(MemoryCollector, WhatLacksAPartIsLeftOutAndNamed) {
  test::TempTree tree;
  tree.Sysctl("nf_conntrack_count", "3").Write("sys/kernel/osrelease", "custom\n");
  const auto collection =
      MemoryCollector(kernel::KernelFiles(tree.root())).Collect(test::Patient());
  ASSERT_TRUE(collection.has_value());
  EXPECT_TRUE(collection->families.empty());
  EXPECT_EQ(collection->omissions.size(), 3U);
}

}  // namespace
}  // namespace conntrack
