#include "collectors/log/kernel_log_collector.h"

#include <gtest/gtest.h>

#include "tests/support/fake_kmsg_reader.h"
#include "tests/support/families.h"

namespace conntrack {
namespace {

using test::ValueOf;

TEST(KernelLogCollector, CountersAreThereWithZeroBeforeAnythingHappens) {
  KernelLogCollector collector(test::OpenFake(std::make_shared<test::FakeKmsg>()));
  const auto families = collector.Collect(test::Patient()).value().families;
  for (const auto* message : {"table_full", "expectation_table_full"}) {
    EXPECT_EQ(ValueOf(families, "conntrack_kernel_log_messages_total", {{"message", message}}), 0);
  }
  EXPECT_EQ(ValueOf(families, "conntrack_kernel_log_suppressed_total"), 0);
  EXPECT_EQ(ValueOf(families, "conntrack_kernel_log_lost_records_total"), 0);
  EXPECT_EQ(test::FindFamily(families, "conntrack_kernel_log_last_seen_timestamp_seconds"),
            nullptr);
  EXPECT_EQ(test::FindFamily(families, "conntrack_kernel_log_netns_messages_total"), nullptr);
}

TEST(KernelLogCollector, LinesHaveTheirKindTimeAndNamespace) {
  auto log = std::make_shared<test::FakeKmsg>();
  KernelLogCollector collector(
      test::OpenFake(log),
      {[] { return std::chrono::system_clock::time_point(std::chrono::milliseconds(1500)); }});
  log->Log(1, "nf_conntrack: nf_conntrack: table full, dropping packet");
  log->Log(2, "nf_conntrack: nf_conntrack: table full in netns 4026532315, dropping packet");
  const auto families = collector.Collect(test::Patient()).value().families;
  EXPECT_EQ(ValueOf(families, "conntrack_kernel_log_messages_total", {{"message", "table_full"}}),
            2);
  EXPECT_EQ(ValueOf(families, "conntrack_kernel_log_netns_messages_total",
                    {{"message", "table_full"}, {"inode", "4026532315"}}),
            1);
  EXPECT_EQ(ValueOf(families, "conntrack_kernel_log_last_seen_timestamp_seconds",
                    {{"message", "table_full"}}),
            1.5);
}

TEST(KernelLogCollector, WithoutRightsItFailsWithTheRemedy) {
  KernelLogCollector collector(test::RefusingKmsg());
  const auto collection = collector.Collect(test::Patient());
  ASSERT_FALSE(collection.has_value());
  EXPECT_EQ(collection.error().kind, ErrorKind::kDenied);
  EXPECT_FALSE(collection.error().remedy.empty());
}

}  // namespace
}  // namespace conntrack
