#include "collectors/flows/hash_table_families.h"

#include <gmock/gmock.h>

#include "tests/support/families.h"

namespace conntrack {
namespace {

using test::FindFamily;
using test::ValueOf;
using testing::ElementsAre;

kernel::HashTableStats Table() {
  return {.chains = {50, 20, 10, 5, 2},
          .longer_chains = 1,
          .tuples = 85,
          .longest = 12,
          .expired = 7,
          .namespaces = {},
          .elsewhere = 0};
}

std::vector<Family> FamiliesOf(const kernel::HashTableStats& table) {
  std::vector<Family> families;
  AddHashTable(table, families);
  return families;
}

TEST(HashTableFamilies, BucketsAreCumulativeAndTheLongerChainsAreInTheCountAlone) {
  const auto families = FamiliesOf(Table());
  const auto* lengths = FindFamily(families, "conntrack_hash_chain_length");
  ASSERT_NE(lengths, nullptr);
  EXPECT_EQ(lengths->type, MetricType::kHistogram);
  ASSERT_EQ(lengths->samples.size(), 1U);
  const auto& sample = lengths->samples[0];
  EXPECT_THAT(sample.labels, testing::IsEmpty());
  EXPECT_THAT(sample.buckets, ElementsAre(Bucket{0, 50}, Bucket{1, 70}, Bucket{2, 80},
                                          Bucket{4, 85}, Bucket{8, 87}));
  EXPECT_EQ(sample.value, 88);  // as many as the host has buckets
}

TEST(HashTableFamilies, SumByCountIsTheLoadFactor) {
  const auto families = FamiliesOf(Table());
  const auto& sample = FindFamily(families, "conntrack_hash_chain_length")->samples[0];
  EXPECT_EQ(sample.sum, 85);
}

TEST(HashTableFamilies, TheLongestChainAndWhatIsExpiredAreGauges) {
  const auto families = FamiliesOf(Table());
  EXPECT_EQ(ValueOf(families, "conntrack_hash_chain_length_max"), 12);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_expired"), 7);
  EXPECT_EQ(FindFamily(families, "conntrack_hash_chain_length_max")->type, MetricType::kGauge);
  EXPECT_EQ(FindFamily(families, "conntrack_flows_expired")->type, MetricType::kGauge);
}

TEST(HashTableFamilies, AnEmptyTableIsAllEmptyBuckets) {
  kernel::HashTableStats table;
  table.chains[0] = 1024;
  const auto families = FamiliesOf(table);
  const auto& sample = FindFamily(families, "conntrack_hash_chain_length")->samples[0];
  EXPECT_EQ(sample.buckets.front(), (Bucket{0, 1024}));
  EXPECT_EQ(sample.buckets.back(), (Bucket{8, 1024}));
  EXPECT_EQ(sample.value, 1024);
  EXPECT_EQ(sample.sum, 0);
  EXPECT_EQ(ValueOf(families, "conntrack_hash_chain_length_max"), 0);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_expired"), 0);
}

}  // namespace
}  // namespace conntrack
