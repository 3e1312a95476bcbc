#include "diagnosis/situation_parts.h"

// Before <linux/...>, which redefines parts of it otherwise.
#include <netinet/in.h>

#include <gmock/gmock.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <sys/socket.h>

#include "collectors/catalogue.h"
#include "tests/support/counted_flows.h"
#include "tests/support/families.h"
#include "tests/support/test_access.h"

namespace conntrack {
namespace {

const std::vector<TimeoutFigure> kTimeouts = {
    {"tcp", "ESTABLISHED", 432'000}, {"udp", "UNREPLIED", 30},   {"udp", "REPLIED", 30},
    {"udp", "ASSURED", 120},         {"icmp", "UNREPLIED", 30},  {"icmp", "REPLIED", 31},
    {"generic", "UNREPLIED", 600},   {"generic", "REPLIED", 600}};

/// Holds what the collectors really publish against what is looked for by name.
TEST(SituationParts, EveryFigureIsFoundInWhatTheCollectorsYield) {
  Situation situation;
  for (const auto& [name, collector] :
       MakeCollectors({"table", "sizing", "memory", "timeouts"}, test::AccessTo("6.1-2cpu"), {})) {
    AddFamilies(collector->Collect(test::Patient()).value().families, situation);
  }
  EXPECT_TRUE(situation.entries);
  EXPECT_EQ(situation.limit, 262'144U);
  EXPECT_EQ(situation.buckets, 262'144U);
  EXPECT_TRUE(situation.recommended_limit);
  EXPECT_EQ(situation.memory.entries, 12'508U * 4096);
  EXPECT_EQ(situation.memory.hash_table, 262'144U * 8);
  EXPECT_EQ(situation.memory.at_limit, 262'144U * (256 + 8));
  EXPECT_EQ(situation.memory.machine, 16'384'000ULL * 1024);
  EXPECT_TRUE(situation.memory.measured);
  EXPECT_EQ(TimeoutFor(situation.timeouts, "tcp", "ESTABLISHED"), 432'000U);
}

TEST(SituationParts, WhatIsNotThereStaysAbsent) {
  Situation situation;
  AddFamilies({}, situation);
  EXPECT_FALSE(situation.entries || situation.limit || situation.buckets);
  EXPECT_FALSE(situation.memory.entries || situation.recommended_limit);
  EXPECT_FALSE(situation.memory.measured);
}

TEST(SituationParts, AnEstimateOfTheMemoryIsNotCalledMeasured) {
  Situation situation;
  AddFamilies(
      {{"conntrack_memory_source_info", "", MetricType::kGauge, {{{{"source", "estimate"}}, 1}}}},
      situation);
  EXPECT_FALSE(situation.memory.measured);
}

TEST(SituationParts, BothFamiliesAreCountedTogetherTheMostFrequentFirst) {
  FlowCounts counts;
  test::CountFlows(counts, AF_INET, IPPROTO_UDP, -1, 0, 2);
  test::CountFlows(counts, AF_INET, IPPROTO_TCP, 3, IPS_SEEN_REPLY | IPS_ASSURED, 3);
  test::CountFlows(counts, AF_INET6, IPPROTO_TCP, 3, IPS_SEEN_REPLY | IPS_ASSURED, 4);
  const auto figures = FiguresOf(counts, kTimeouts);
  EXPECT_EQ(figures.flows, 9U);
  EXPECT_EQ(figures.ipv6, 4U);
  EXPECT_EQ(figures.unreplied, 2U);
  EXPECT_EQ(figures.assured, 7U);
  ASSERT_EQ(figures.states.size(), 2U);
  EXPECT_EQ(figures.states[0].state, "ESTABLISHED");
  EXPECT_EQ(figures.states[0].flows, 7U);
  EXPECT_EQ(figures.states[0].timeout, 432'000U);
  EXPECT_EQ(figures.states[1].timeout, 30U);
  ASSERT_EQ(figures.protocols.size(), 2U);
  EXPECT_EQ(figures.protocols[0].protocol, "tcp");
  EXPECT_EQ(figures.protocols[1].unreplied, 2U);
}

TEST(SituationParts, TimeoutsFallBackAsInTheKernel) {
  EXPECT_EQ(TimeoutFor(kTimeouts, "udp", "ASSURED"), 120U);
  EXPECT_EQ(TimeoutFor(kTimeouts, "icmp", "ASSURED"), 31U) << "it has no longer one for them";
  EXPECT_EQ(TimeoutFor(kTimeouts, "253", "REPLIED"), 600U) << "generic";
  EXPECT_EQ(TimeoutFor(kTimeouts, "253", "ASSURED"), 600U);
  EXPECT_EQ(TimeoutFor(kTimeouts, "tcp", "SYN_SENT2"), std::nullopt) << "there is no sysctl for it";
  EXPECT_EQ(TimeoutFor({}, "udp", "REPLIED"), std::nullopt);
}

TEST(SituationParts, TalkersAndSnatPortsGetNames) {
  TalkersSummary summary;
  summary.sources = {{{"10.0.0.1", 5}}, 2, 1};
  summary.services = {{{{"udp", "53"}, 4}, {{"icmp", "none"}, 3}}, 0, 0};
  const auto talkers = FiguresOf(summary);
  EXPECT_EQ(talkers.sources.top.front().name, "10.0.0.1");
  EXPECT_EQ(talkers.sources.other, 2U);
  EXPECT_EQ(talkers.sources.max_error, 1U);
  EXPECT_EQ(talkers.services.top[0].name, "udp/53");
  EXPECT_EQ(talkers.services.top[1].name, "icmp");

  SnatSummary snat;
  snat.tuples.top = {{{"198.51.100.1", "tcp", "192.0.2.1", "443", "0"}, 7},
                     {{"2001:db8::1", "udp", "2001:db8::2", "53", "0"}, 3}};
  const auto figures = FiguresOf(snat, 64'512);
  EXPECT_EQ(figures[0].remote, "192.0.2.1:443");
  EXPECT_EQ(figures[0].used, 7U);
  EXPECT_EQ(figures[0].available, 64'512U);
  EXPECT_EQ(figures[1].remote, "[2001:db8::2]:53");
}

TEST(SituationParts, OnlySettingsThatDriftAreFigures) {
  kernel::PersistenceReport report;
  kernel::SettingPersistence kept;
  kept.name = "nf_conntrack_acct";
  kernel::SettingPersistence drifts;
  drifts.name = "nf_conntrack_max";
  drifts.running = 524'288;
  drifts.at_boot = 262'144;
  drifts.source = kernel::SourceLine{"/etc/sysctl.d/90-x.conf", 1};
  drifts.drift = kernel::DriftReason::kValueDiffers;
  report.settings = {kept, drifts};
  const auto figures = FiguresOf(report);
  ASSERT_EQ(figures.size(), 1U);
  EXPECT_EQ(figures[0].setting, "nf_conntrack_max");
  EXPECT_EQ(figures[0].running, 524'288);
  EXPECT_EQ(figures[0].persisted, 262'144);
  EXPECT_EQ(figures[0].reason, "value_differs");
  EXPECT_EQ(figures[0].file, "/etc/sysctl.d/90-x.conf:1");
}

}  // namespace
}  // namespace conntrack
