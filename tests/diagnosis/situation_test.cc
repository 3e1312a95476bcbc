#include "diagnosis/situation.h"

// Before <linux/...>, which redefines parts of it otherwise.
#include <netinet/in.h>

#include <gmock/gmock.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <sys/socket.h>

#include "collectors/memory_collector.h"
#include "tests/support/counted_flows.h"
#include "tests/support/whole_output.h"

namespace conntrack {
namespace {

const std::vector<StateTimeout> kTimeouts = {
    {"tcp", "ESTABLISHED", 432'000}, {"udp", "UNREPLIED", 30},   {"udp", "REPLIED", 30},
    {"udp", "ASSURED", 120},         {"icmp", "UNREPLIED", 30},  {"icmp", "REPLIED", 31},
    {"generic", "UNREPLIED", 600},   {"generic", "REPLIED", 600}};

/// What all collectors read of a scenario.
Situation Read(const test::Scenario& scenario) {
  std::vector<Reading> readings;
  for (auto& run : test::WholeRun(scenario)) {
    if (run.outcome) readings.push_back(std::move(run.outcome->reading));
  }
  return SituationOf(readings, kernel::KernelRelease{6, 18});
}

Situation Read(std::string_view capture) {
  for (const auto& scenario : test::Scenarios()) {
    if (scenario.golden == capture) return Read(scenario);
  }
  return {};
}

/// The scenario in which every collector has something to tell.
Situation Everything() { return Read(test::Scenarios().back()); }

TEST(Situation, HasWhatTheCollectorsRead) {
  const auto situation = Read("6.1-2cpu");
  EXPECT_EQ(situation.entries, 200'002U);
  EXPECT_EQ(situation.peak, 200'002U);
  EXPECT_EQ(situation.limit, 262'144U);
  EXPECT_EQ(situation.buckets, 262'144U);
  EXPECT_TRUE(situation.recommended_limit && situation.recommended_by_peak);
  EXPECT_EQ(situation.memory.host_entries, 12'509U * 4096);
  EXPECT_EQ(situation.memory.hash_table, 262'144U * 8);
  EXPECT_EQ(situation.memory.at_limit, 262'144U * (256 + 8));
  EXPECT_EQ(situation.memory.machine, 16'389'900ULL * 1024);
  EXPECT_TRUE(situation.memory.measured);
  EXPECT_EQ(TimeoutFor(situation.timeouts, "tcp", "ESTABLISHED"), 432'000U);
}

TEST(Situation, HasEveryFigureWhereAllCollectorsCanRead) {
  const auto all = Everything();
  EXPECT_TRUE(all.entries && all.peak && all.limit && all.buckets);
  EXPECT_TRUE(all.recommended_limit && all.recommended_by_peak && all.recommended_by_profile);
  EXPECT_TRUE(all.memory.entries && all.memory.at_limit && all.memory.machine);
  ASSERT_TRUE(all.flows && all.talkers && all.snat && all.drift);
  EXPECT_EQ(all.flows->flows, 12U);
  EXPECT_TRUE(all.flows->age_seconds && all.flows->walk_seconds);
  EXPECT_FALSE(all.flows->idle);
  ASSERT_TRUE(all.loss_since_boot);
  EXPECT_TRUE(all.loss_since_boot->packets.total.packets);
  EXPECT_FALSE(all.loss_recently);
}

TEST(Situation, WithoutReadingsNothingIsKnown) {
  const auto nothing = SituationOf({}, kernel::KernelRelease{6, 18});
  EXPECT_FALSE(nothing.entries || nothing.limit || nothing.buckets || nothing.flows);
  EXPECT_FALSE(nothing.memory.entries || nothing.memory.measured || nothing.recommended_limit);
  EXPECT_FALSE(nothing.talkers || nothing.snat || nothing.drift || nothing.loss_since_boot);
}

TEST(Situation, AnEstimateOfTheMemoryIsNotCalledMeasured) {
  MemoryReading memory;
  memory.entries = EntryMemory{320, 3200, "estimate"};
  const auto situation = SituationOf({std::make_shared<const MemoryReading>(memory)}, {});
  EXPECT_EQ(situation.memory.entries, 3200U);
  EXPECT_FALSE(situation.memory.measured);
}

TEST(Situation, StatesHaveTheirTimeouts) {
  const auto all = Everything();
  for (const auto& state : all.flows->states) {
    if (state.state == "ESTABLISHED" && state.protocol == "tcp") {
      EXPECT_EQ(state.timeout, 432'000U);
      return;
    }
  }
  FAIL() << "no established flows";
}

TEST(Situation, TalkersHaveNamesAndTheRest) {
  const auto talkers = Everything().talkers.value();
  const auto& services = talkers.services.top;
  const auto dns = std::find_if(services.begin(), services.end(), [](const TalkerFigure& service) {
    return service.name == "udp/53";
  });
  ASSERT_NE(dns, services.end());
  EXPECT_EQ(dns->flows, 3U);
  std::uint64_t flows = talkers.sources.other;
  for (const auto& source : talkers.sources.top) {
    EXPECT_NE(source.name, "other");
    flows += source.flows;
  }
  EXPECT_EQ(flows, 12U);
  ASSERT_EQ(talkers.classes.size(), 2U);
  EXPECT_EQ(talkers.classes[0].name, "inside");
  EXPECT_EQ(talkers.classes[1].name, "other");
}

TEST(Situation, PoolsOfSourceNatAreNamedByBothEnds) {
  const auto snat = Everything().snat.value();
  ASSERT_FALSE(snat.empty());
  EXPECT_EQ(snat.front().address, "203.0.113.1");
  EXPECT_EQ(snat.front().remote, "198.51.100.53:53");
  EXPECT_EQ(snat.front().used, 2U);
  EXPECT_GT(snat.front().available, 0U);
}

TEST(Situation, DriftHasAReason) {
  const auto drift = Everything().drift.value();
  ASSERT_FALSE(drift.empty());
  for (const auto& setting : drift) {
    EXPECT_FALSE(setting.setting.empty() || setting.reason.empty());
  }
}

TEST(Situation, BothFamiliesAreCountedTogetherTheMostFrequentFirst) {
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

TEST(Situation, TimeoutsFallBackAsInTheKernel) {
  EXPECT_EQ(TimeoutFor(kTimeouts, "udp", "ASSURED"), 120U);
  EXPECT_EQ(TimeoutFor(kTimeouts, "icmp", "ASSURED"), 31U) << "it has no longer one for them";
  EXPECT_EQ(TimeoutFor(kTimeouts, "253", "REPLIED"), 600U) << "generic";
  EXPECT_EQ(TimeoutFor(kTimeouts, "253", "ASSURED"), 600U);
  EXPECT_EQ(TimeoutFor(kTimeouts, "tcp", "SYN_SENT2"), std::nullopt) << "there is no sysctl for it";
  EXPECT_EQ(TimeoutFor({}, "udp", "REPLIED"), std::nullopt);
}

TEST(Situation, TalkersAndSnatPortsGetNames) {
  TalkersSummary summary;
  summary.sources = {{{"10.0.0.1", 5}}, 2, 1};
  summary.services = {{{{"udp", "53"}, 4}, {{"icmp", "none"}, 3}}, 0, 0};
  const auto talkers = FiguresOf(summary);
  EXPECT_EQ(talkers.sources.top.front().name, "10.0.0.1");
  EXPECT_EQ(talkers.sources.other, 2U);
  EXPECT_EQ(talkers.sources.max_error, 1U);
  EXPECT_EQ(talkers.services.top[0].name, "udp/53");
  EXPECT_EQ(talkers.services.top[1].name, "icmp");
  EXPECT_FALSE(talkers.pairs || talkers.backends);

  summary.pairs = {{{{"10.0.0.1", "192.0.2.1", {"tcp", "443"}}, 6}}, 3, 2};
  summary.backends = {{{{"192.0.2.1", "10.0.0.9", {"icmp", "none"}}, 1}}, 0, 0};
  const auto with_pairs = FiguresOf(summary);
  EXPECT_EQ(with_pairs.pairs->top.front().name, "10.0.0.1 -> 192.0.2.1 tcp/443");
  EXPECT_EQ(with_pairs.pairs->other, 3U);
  EXPECT_EQ(with_pairs.pairs->max_error, 2U);
  EXPECT_EQ(with_pairs.backends->top.front().name, "192.0.2.1 icmp -> 10.0.0.9");

  SnatSummary snat;
  snat.tuples.top = {{{"198.51.100.1", "tcp", "192.0.2.1", "443", "0"}, 7},
                     {{"2001:db8::1", "udp", "2001:db8::2", "53", "0"}, 3}};
  const auto figures = FiguresOf(snat, 64'512);
  EXPECT_EQ(figures[0].remote, "192.0.2.1:443");
  EXPECT_EQ(figures[0].used, 7U);
  EXPECT_EQ(figures[0].available, 64'512U);
  EXPECT_EQ(figures[1].remote, "[2001:db8::2]:53");
}

TEST(Situation, OnlySettingsThatDriftAreFigures) {
  kernel::PersistenceReport report;
  kernel::SettingPersistence kept;
  kept.name = "nf_conntrack_acct";
  kernel::SettingPersistence drifts;
  drifts.name = "nf_conntrack_max";
  drifts.running = 524'288;
  drifts.at_boot = 262'144;
  drifts.source = kernel::SourceLine{"/etc/sysctl.d/90-x.conf", 1};
  drifts.drift = kernel::DriftReason::kValueDiffers;
  drifts.managed_by = "ufw";
  report.settings = {kept, drifts};
  const auto figures = FiguresOf(report);
  ASSERT_EQ(figures.size(), 1U);
  EXPECT_EQ(figures[0].setting, "nf_conntrack_max");
  EXPECT_EQ(figures[0].running, 524'288);
  EXPECT_EQ(figures[0].persisted, 262'144);
  EXPECT_EQ(figures[0].reason, "value_differs");
  EXPECT_EQ(figures[0].file, "/etc/sysctl.d/90-x.conf:1");
  EXPECT_EQ(figures[0].managed_by, "ufw");
}

}  // namespace
}  // namespace conntrack
