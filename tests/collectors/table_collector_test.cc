#include "collectors/table_collector.h"

#include <gmock/gmock.h>

#include "tests/support/families.h"
#include "tests/support/temp_tree.h"
#include "tests/support/test_access.h"

namespace conntrack {
namespace {

using test::AccessTo;
using test::Answer;
using test::AttributeBuilder;
using test::DatagramBuilder;
using test::ValueOf;
using testing::ElementsAre;
using testing::Field;

Result<Collection> CollectTable(const KernelAccess& access) {
  return TableCollector(access, std::make_shared<EntriesPeak>(access.proc))
      .Collect(test::Patient());
}

TEST(TableCollector, ReadsCountLimitsAndBuckets) {
  const auto collection = CollectTable(AccessTo("6.1-2cpu"));
  ASSERT_TRUE(collection.has_value());
  const auto& families = collection->families;
  EXPECT_EQ(ValueOf(families, "conntrack_entries"), 200'002);
  EXPECT_EQ(ValueOf(families, "conntrack_entries_peak"), 200'002);
  EXPECT_EQ(ValueOf(families, "conntrack_entries_limit"), 262'144);
  EXPECT_EQ(ValueOf(families, "conntrack_hash_buckets"), 262'144);
  EXPECT_EQ(ValueOf(families, "conntrack_expectations_limit"), 4096);
  EXPECT_EQ(ValueOf(families, "conntrack_expectations"), 0);
  // Created 3 and 2, removed 1 and 1.
  EXPECT_EQ(ValueOf(CollectTable(AccessTo("2.6.32-2cpu"))->families, "conntrack_expectations"), 3);
  EXPECT_TRUE(collection->omissions.empty());
}

TEST(TableCollector, CountsTheSecondsOfAFullTableWhereItHasALimit) {
  test::TempTree tree;
  tree.Sysctl("nf_conntrack_count", "95").Sysctl("nf_conntrack_max", "100");
  const KernelAccess access{kernel::KernelFiles(tree.root()), kernel::KernelFiles(tree.root()),
                            kernel::KernelFiles(tree.root()), test::RefusingKernel()};
  TableCollector collector(access, std::make_shared<EntriesPeak>(access.proc));
  const auto full_seconds = [&](TableCollector& of) {
    return ValueOf(of.Collect(test::Patient())->families, "conntrack_entries_full_seconds_total");
  };
  EXPECT_TRUE(full_seconds(collector).has_value());
  EXPECT_GT(full_seconds(collector), 0);
  for (const auto* limit : {"0", "-1"}) {
    tree.Sysctl("nf_conntrack_max", limit);
    TableCollector other(access, std::make_shared<EntriesPeak>(access.proc));
    EXPECT_FALSE(full_seconds(other).has_value()) << limit;
  }
}

TEST(TableCollector, NamesWhatThisKernelDoesNotShow) {
  test::TempTree tree;
  tree.Sysctl("nf_conntrack_count", "5").Sysctl("nf_conntrack_max", "10");
  const KernelAccess access{kernel::KernelFiles(tree.root()), kernel::KernelFiles(tree.root()),
                            kernel::KernelFiles(tree.root()), test::RefusingKernel()};
  const auto collection = CollectTable(access);
  ASSERT_TRUE(collection.has_value());
  EXPECT_FALSE(ValueOf(collection->families, "conntrack_hash_buckets").has_value());
  EXPECT_THAT(collection->omissions,
              ElementsAre(Field(&Omission::part, "conntrack_hash_buckets"),
                          Field(&Omission::part, "conntrack_expectations"),
                          Field(&Omission::part, "conntrack_expectations_limit")));
}

TEST(TableCollector, TakesCountAndLimitFromCtnetlinkWhereSysctlsAreHidden) {
  const test::TempTree empty;
  const auto netlink = test::OpenFake([](const kernel::CtnetlinkRequest& request) {
    DatagramBuilder datagram(test::kPort, request.sequence());
    if (request.query() != kernel::CtnetlinkQuery::kStatGlobal)
      return Answer{{datagram.Error(-EPERM).bytes()}, {}};
    const auto message = test::NfMessage(0, 0,
                                         AttributeBuilder()
                                             .Be32(CTA_STATS_GLOBAL_ENTRIES, 77)
                                             .Be32(CTA_STATS_GLOBAL_MAX_ENTRIES, 99));
    return Answer{{datagram.Message(test::kTableReply, message).bytes()}, {}};
  });
  const KernelAccess access{kernel::KernelFiles(empty.root()), kernel::KernelFiles(empty.root()),
                            kernel::KernelFiles(empty.root()), netlink};
  const auto collection = CollectTable(access);
  ASSERT_TRUE(collection.has_value());
  EXPECT_EQ(ValueOf(collection->families, "conntrack_entries"), 77);
  EXPECT_EQ(ValueOf(collection->families, "conntrack_entries_limit"), 99);
}

}  // namespace
}  // namespace conntrack
