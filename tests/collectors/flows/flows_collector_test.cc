#include "collectors/flows/flows_collector.h"

#include <gmock/gmock.h>

#include "tests/support/fake_flow_source.h"
#include "tests/support/families.h"

namespace conntrack {
namespace {

using test::ValueOf;

FlowsCollector Make(test::FakeFlowSource::WalkFunction walk, test::SourceReport report = {}) {
  return {std::make_shared<FlowSampler>(
              std::make_unique<test::FakeFlowSource>(std::move(walk), std::move(report)), 0.1),
          64};
}

/// A walk of an empty table, by a source that says this of itself.
FlowsCollector Empty(test::SourceReport report) {
  return Make([](kernel::FlowVisitor&, const std::stop_token&) -> Result<void> { return {}; },
              std::move(report));
}

TEST(FlowsCollector, ShowsCountsAndTheHealthOfTheSample) {
  auto collector = Make([](kernel::FlowVisitor& visitor, const std::stop_token&) -> Result<void> {
    visitor.Visit({.family = 2, .protocol = 17, .state = {}, .status = 0, .timeout = 3, .zone = 0});
    return {};
  });
  const auto collection = collector.Collect(test::Patient());
  ASSERT_TRUE(collection.has_value());
  const auto& families = collection->families;
  EXPECT_EQ(ValueOf(families, "conntrack_flows",
                    {{"family", "ipv4"}, {"protocol", "udp"}, {"state", "UNREPLIED"}}),
            1);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_sample_flows"), 1);
  EXPECT_GE(ValueOf(families, "conntrack_flows_sample_age_seconds").value(), 0);
  EXPECT_GE(ValueOf(families, "conntrack_flows_sample_duration_seconds").value(), 0);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_sample_interruptions_total"), 1);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_sample_overruns_total"), 2);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_sample_skipped_total"), 3);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_sample_torn_total"), 4);
}

TEST(FlowsCollector, TheSourceThatIsPreferredHasNoReason) {
  auto collector = Empty({.name = "bpf"});
  const auto collection = collector.Collect(test::Patient());
  ASSERT_TRUE(collection.has_value());
  EXPECT_EQ(collection->source, "bpf");
  EXPECT_FALSE(collection->why_this_source.has_value());
  EXPECT_EQ(ValueOf(collection->families, "conntrack_flows_source_info",
                    {{"source", "bpf"}, {"why_not_bpf", ""}}),
            1);
}

TEST(FlowsCollector, ASourceInPlaceOfAnotherSaysWhy) {
  const Error denied{ErrorKind::kDenied, 1, "loading the BPF programs", "give CAP_BPF"};
  auto collector = Empty({.name = "ctnetlink", .fallback_reason = denied});
  const auto collection = collector.Collect(test::Patient());
  ASSERT_TRUE(collection.has_value());
  EXPECT_EQ(collection->source, "ctnetlink");
  ASSERT_TRUE(collection->why_this_source.has_value());
  EXPECT_EQ(collection->why_this_source->message, denied.message);
  const auto* info = test::FindFamily(collection->families, "conntrack_flows_source_info");
  ASSERT_NE(info, nullptr);
  ASSERT_EQ(info->samples.size(), 1U);
  EXPECT_EQ(ValueOf(collection->families, "conntrack_flows_source_info",
                    {{"source", "ctnetlink"}, {"why_not_bpf", "denied"}}),
            1);
}

TEST(FlowsCollector, ChainsAndExpiredEntriesAreThereWhereTheSourceSeesTheTable) {
  kernel::HashTableStats table;
  table.chains = {90, 8, 2, 0, 0};
  table.tuples = 12;
  table.longest = 2;
  table.expired = 3;
  auto collector = Empty({.name = "bpf", .table = table});
  const auto families = collector.Collect(test::Patient())->families;
  EXPECT_EQ(ValueOf(families, "conntrack_hash_chain_length"), 100);
  EXPECT_EQ(ValueOf(families, "conntrack_hash_chain_length_max"), 2);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_expired"), 3);
}

TEST(FlowsCollector, WhatASourceDoesNotSeeIsAbsentAndNotZero) {
  auto collector = Empty({.name = "ctnetlink"});
  const auto families = collector.Collect(test::Patient())->families;
  for (const auto* name : {"conntrack_hash_chain_length", "conntrack_hash_chain_length_max",
                           "conntrack_flows_expired"})
    EXPECT_EQ(test::FindFamily(families, name), nullptr) << name;
}

TEST(FlowsCollector, AFailedSampleYieldsNothingAtAll) {
  auto collector = Make([](kernel::FlowVisitor&, const std::stop_token&) -> Result<void> {
    return Fail(ErrorKind::kDenied, "no capability");
  });
  const auto collection = collector.Collect(test::Patient());
  ASSERT_FALSE(collection.has_value());
  EXPECT_EQ(collection.error().kind, ErrorKind::kDenied);
}

}  // namespace
}  // namespace conntrack
