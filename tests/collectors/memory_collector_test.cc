#include "collectors/memory_collector.h"

#include <gmock/gmock.h>

#include "kernel/proc/sysctl.h"
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

double EntriesOf(const std::string& capture) {
  const kernel::KernelFiles proc(test::Capture(capture) / "proc");
  return static_cast<double>(kernel::ReadSysctl(proc, "nf_conntrack_count").value());
}

TEST(MemoryCollector, MeasuresWhereSlabinfoCanBeRead) {
  const auto families = CollectMemory("6.1-2cpu");
  EXPECT_EQ(ValueOf(families, "conntrack_entry_size_bytes"), 256);
  const auto bytes = [&](const std::string& kind, const std::string& scope) {
    return ValueOf(families, "conntrack_memory_bytes", {{"kind", kind}, {"scope", scope}});
  };
  EXPECT_EQ(bytes("entries", "host"), 12509.0 * 4096);
  EXPECT_EQ(bytes("entries", "netns"), EntriesOf("6.1-2cpu") * 256);
  EXPECT_EQ(bytes("hash_table", "host"), 262'144.0 * 8);
  EXPECT_EQ(ValueOf(families, "conntrack_memory_at_limit_bytes"), 262'144.0 * 256 + 262'144.0 * 8);
  EXPECT_EQ(ValueOf(families, "conntrack_system_memory_bytes"), 16'389'900.0 * 1024);
  EXPECT_EQ(ValueOf(families, "conntrack_memory_source_info", {{"via", "slabinfo"}}), 1);
}

TEST(MemoryCollector, EstimatesWhereItCannotAndSaysSo) {
  const auto families = CollectMemory("5.15-no-stat-file");
  EXPECT_EQ(ValueOf(families, "conntrack_entry_size_bytes"), 320);
  // Nobody measures the host's; what there is means the same as where somebody does.
  EXPECT_EQ(ValueOf(families, "conntrack_memory_bytes", {{"kind", "entries"}, {"scope", "netns"}}),
            320.0 * 4096);
  EXPECT_FALSE(
      ValueOf(families, "conntrack_memory_bytes", {{"kind", "entries"}, {"scope", "host"}}));
  EXPECT_EQ(ValueOf(families, "conntrack_memory_source_info", {{"via", "estimate"}}), 1);
}

TEST(MemoryCollector, BeforeOneTableForAllTheHashTableIsTheNamespaces) {
  EXPECT_EQ(ValueOf(CollectMemory("3.10-4cpu"), "conntrack_memory_bytes",
                    {{"kind", "hash_table"}, {"scope", "netns"}}),
            16'384.0 * 8);
}

TEST(MemoryCollector, WithoutALimitNoMemoryIsThatOfAFullTable) {
  test::TempTree tree;
  for (const auto* limit : {"0", "-1"}) {
    tree.Sysctl("nf_conntrack_count", "3")
        .Sysctl("nf_conntrack_max", limit)
        .Sysctl("nf_conntrack_buckets", "1024")
        .Write("meminfo", "MemTotal: 1000 kB\n")
        .Write("sys/kernel/osrelease", "6.1.0\n");
    const auto collection =
        MemoryCollector(kernel::KernelFiles(tree.root())).Collect(test::Patient()).value();
    EXPECT_FALSE(ValueOf(collection.families, "conntrack_memory_at_limit_bytes")) << limit;
    ASSERT_EQ(collection.omissions.size(), 1U) << limit;
    EXPECT_EQ(collection.omissions.front().part, "conntrack_memory_at_limit_bytes");
  }
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
  EXPECT_EQ(collection->omissions.size(), 4U);
}

}  // namespace
}  // namespace conntrack
