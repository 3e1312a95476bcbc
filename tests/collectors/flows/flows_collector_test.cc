#include "collectors/flows/flows_collector.h"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <set>

#include "tests/support/fake_flow_source.h"
#include "tests/support/families.h"

namespace conntrack {
namespace {

using test::FindFamily;
using test::ValueOf;
using testing::ElementsAre;

FlowsCollector Make(test::FakeFlowSource::WalkFunction walk, test::SourceReport report = {}) {
  return {std::make_shared<FlowSampler>(
              std::make_unique<test::FakeFlowSource>(std::move(walk), std::move(report)), 0.1),
          FlowsOptions{}};
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
                    {{"family", "ipv4"}, {"protocol", "udp"}, {"flow_state", "UNREPLIED"}}),
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
                    {{"via", "bpf"}, {"why_not_bpf", ""}}),
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
                    {{"via", "ctnetlink"}, {"why_not_bpf", "denied"}}),
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

kernel::Flow FlowOf(std::uint8_t protocol, std::uint16_t zone = 0) {
  return {.family = AF_INET,
          .protocol = protocol,
          .state = {},
          .status = 0,
          .timeout = 5,
          .zone = zone};
}

TEST(FlowFamilies, CommonProtocolsAreThereWithZeros) {
  const auto families = FlowFamilies(FlowCounts(), {});
  EXPECT_EQ(ValueOf(families, "conntrack_flows",
                    {{"family", "ipv6"}, {"protocol", "tcp"}, {"flow_state", "CLOSE_WAIT"}}),
            0);
  EXPECT_EQ(ValueOf(families, "conntrack_flows",
                    {{"family", "ipv4"}, {"protocol", "icmp"}, {"flow_state", "REPLIED"}}),
            0);
  EXPECT_FALSE(ValueOf(families, "conntrack_flows",
                       {{"family", "ipv4"}, {"protocol", "icmpv6"}, {"flow_state", "REPLIED"}}));
  EXPECT_FALSE(ValueOf(families, "conntrack_flows",
                       {{"family", "ipv4"}, {"protocol", "gre"}, {"flow_state", "REPLIED"}}));
}

TEST(FlowFamilies, OtherProtocolsAppearWithTheirFirstFlow) {
  FlowCounts counts;
  counts.Visit(FlowOf(253));
  const auto families = FlowFamilies(counts, {});
  EXPECT_EQ(ValueOf(families, "conntrack_flows",
                    {{"family", "ipv4"}, {"protocol", "253"}, {"flow_state", "UNREPLIED"}}),
            1);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_with_status",
                    {{"family", "ipv4"}, {"protocol", "253"}, {"status", "unreplied"}}),
            1);
}

/// Flows of each protocol: as many as its number, and one more; half of them of IPv6.
FlowCounts AllProtocols() {
  FlowCounts counts;
  for (int protocol = 0; protocol < 256; ++protocol) {
    for (int flow = 0; flow <= protocol; ++flow) {
      auto sent = FlowOf(static_cast<std::uint8_t>(protocol));
      if (flow % 2 == 1) sent.family = AF_INET6;
      counts.Visit(sent);
    }
  }
  return counts;
}

std::set<std::string> ProtocolsIn(const Family& family) {
  std::set<std::string> protocols;
  for (const auto& sample : family.samples) {
    for (const auto& label : sample.labels) {
      if (label.name == "protocol") protocols.insert(label.value);
    }
  }
  return protocols;
}

TEST(FlowFamilies, AScanOfAllProtocolsNamesThoseThatAreTrackedAndTheFullestAndSumsUpTheRest) {
  const auto counts = AllProtocols();
  for (const std::size_t most : {12U, 24U, 256U}) {
    const auto families = FlowFamilies(counts, {.max_protocols = most});
    const auto* flows = FindFamily(families, "conntrack_flows");
    const auto* with_status = FindFamily(families, "conntrack_flows_with_status");
    EXPECT_EQ(ProtocolsIn(*flows), ProtocolsIn(*with_status));
    EXPECT_EQ(ProtocolsIn(*flows).size(), most == 256 ? 256 : most + 1);
    double sum = 0;
    double unreplied = 0;
    for (const auto& sample : flows->samples) sum += sample.value;
    for (const auto& sample : with_status->samples) {
      if (sample.labels.back().value == "unreplied") unreplied += sample.value;
    }
    EXPECT_EQ(sum, 256 * 257 / 2);
    EXPECT_EQ(unreplied, 256 * 257 / 2);
  }
  const auto named = ProtocolsIn(*FindFamily(FlowFamilies(counts, {}), "conntrack_flows"));
  for (const auto* name : {"icmp", "2", "tcp", "udp", "dccp", "gre", "50", "51", "icmpv6", "89",
                           "sctp", "udplite", "255", "244", "other"}) {
    EXPECT_TRUE(named.contains(name)) << name;
  }
  EXPECT_FALSE(named.contains("243"));
}

TEST(FlowFamilies, OfProtocolsWithAsManyFlowsTheLowerNumbersAreNamed) {
  FlowCounts counts;
  for (const int protocol : {150, 151, 152})
    counts.Visit(FlowOf(static_cast<std::uint8_t>(protocol)));
  const auto families = FlowFamilies(counts, {.max_protocols = kernel::kTrackedProtocols + 2});
  const auto named = ProtocolsIn(*FindFamily(families, "conntrack_flows"));
  EXPECT_TRUE(named.contains("150") && named.contains("151") && !named.contains("152"));
}

TEST(FlowFamilies, ZonesBeyondTheCapAreSummedUpSoThatTheSumIsTheTable) {
  FlowCounts counts;
  for (std::uint16_t zone = 0; zone < 10; ++zone) {
    for (int flow = 0; flow <= zone; ++flow) counts.Visit(FlowOf(IPPROTO_UDP, zone));
  }
  const auto families = FlowFamilies(counts, {.max_zones = 3});
  const auto* zones = test::FindFamily(families, "conntrack_flows_by_zone");
  ASSERT_EQ(zones->samples.size(), 4U);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_by_zone", {{"ct_zone", "9"}}), 10);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_by_zone", {{"ct_zone", "other"}}), 55 - 10 - 9 - 8);
}

kernel::HashTableStats Table() {
  return {.chains = {50, 20, 10, 5, 2},
          .longer_chains = 1,
          .tuples = 85,
          .longest = 12,
          .expired = 7,
          .namespaces = {}};
}

TEST(HashTableFamilies, BucketsAreCumulativeAndTheLongerChainsAreInTheCountAlone) {
  const auto families = HashTableFamilies(Table());
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
  const auto families = HashTableFamilies(Table());
  const auto& sample = FindFamily(families, "conntrack_hash_chain_length")->samples[0];
  EXPECT_EQ(sample.sum, 85);
}

TEST(HashTableFamilies, TheLongestChainAndWhatIsExpiredAreGauges) {
  const auto families = HashTableFamilies(Table());
  EXPECT_EQ(ValueOf(families, "conntrack_hash_chain_length_max"), 12);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_expired"), 7);
  EXPECT_EQ(FindFamily(families, "conntrack_hash_chain_length_max")->type, MetricType::kGauge);
  EXPECT_EQ(FindFamily(families, "conntrack_flows_expired")->type, MetricType::kGauge);
}

TEST(HashTableFamilies, AnEmptyTableIsAllEmptyBuckets) {
  kernel::HashTableStats table;
  table.chains[0] = 1024;
  const auto families = HashTableFamilies(table);
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
