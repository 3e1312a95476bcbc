#include "diagnosis/scraped_situation.h"

// Before <linux/...>, which redefines parts of it otherwise.
#include <netinet/in.h>

#include <gmock/gmock.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <sys/socket.h>

#include <tuple>

#include "collectors/flows/flow_families.h"
#include "diagnosis/situation_parts.h"
#include "tests/support/counted_flows.h"
#include "tests/support/whole_output.h"

namespace conntrack {
namespace {

constexpr kernel::KernelRelease kNew{6, 18};

/// The scenario in which every collector has something to tell.
Situation Everything() { return SituationOf(test::WholeOutput(test::Scenarios().back()), kNew); }

FlowCounts SomeCounts() {
  FlowCounts counts;
  test::CountFlows(counts, AF_INET, IPPROTO_TCP, 3, IPS_SEEN_REPLY | IPS_ASSURED, 7);
  test::CountFlows(counts, AF_INET6, IPPROTO_TCP, 3, IPS_SEEN_REPLY | IPS_ASSURED, 4);
  test::CountFlows(counts, AF_INET6, IPPROTO_TCP, 1, 0, 3);
  test::CountFlows(counts, AF_INET, IPPROTO_UDP, -1, 0, 5);
  test::CountFlows(counts, AF_INET, IPPROTO_UDP, -1, IPS_SEEN_REPLY, 2);
  test::CountFlows(counts, AF_INET, 253, -1, 0, 1);
  return counts;
}

auto Fields(const StateFigure& f) { return std::tuple(f.protocol, f.state, f.flows, f.timeout); }
auto Fields(const ProtocolFigure& f) { return std::tuple(f.protocol, f.flows, f.unreplied); }

template <class F>
auto FieldsOf(const std::vector<F>& figures) {
  std::vector<decltype(Fields(figures.front()))> all;
  for (const auto& figure : figures) all.push_back(Fields(figure));
  return all;
}

TEST(ScrapedSituation, FlowsAreThoseThatTheReportTakesFromTheWalkItself) {
  const auto counts = SomeCounts();
  const auto direct = FiguresOf(counts, {});
  const auto scraped = SituationOf(FlowFamilies(counts, 64), kNew).flows.value();
  EXPECT_EQ(scraped.flows, direct.flows);
  EXPECT_EQ(scraped.ipv6, direct.ipv6);
  EXPECT_EQ(scraped.unreplied, direct.unreplied);
  EXPECT_EQ(scraped.assured, direct.assured);
  EXPECT_EQ(FieldsOf(scraped.states), FieldsOf(direct.states));
  EXPECT_EQ(FieldsOf(scraped.protocols), FieldsOf(direct.protocols));
}

TEST(ScrapedSituation, EveryFigureIsFoundInWhatTheCollectorsYield) {
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

TEST(ScrapedSituation, StatesHaveTheirTimeouts) {
  const auto all = Everything();
  for (const auto& state : all.flows->states) {
    if (state.state == "ESTABLISHED" && state.protocol == "tcp") {
      EXPECT_EQ(state.timeout, 432'000U);
      return;
    }
  }
  FAIL() << "no established flows";
}

TEST(ScrapedSituation, TalkersHaveNamesAndTheRest) {
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

TEST(ScrapedSituation, PoolsOfSourceNatAreNamedByBothEnds) {
  const auto snat = Everything().snat.value();
  ASSERT_FALSE(snat.empty());
  EXPECT_EQ(snat.front().address, "203.0.113.1");
  EXPECT_EQ(snat.front().remote, "198.51.100.53:53");
  EXPECT_EQ(snat.front().used, 2U);
  EXPECT_GT(snat.front().available, 0U);
}

TEST(ScrapedSituation, DriftIsKnownWithoutTheRunningValue) {
  const auto drift = Everything().drift.value();
  ASSERT_FALSE(drift.empty());
  for (const auto& setting : drift) {
    EXPECT_FALSE(setting.setting.empty() || setting.reason.empty());
    EXPECT_FALSE(setting.running);
  }
}

TEST(ScrapedSituation, NothingScrapedIsNothingKnown) {
  const auto nothing = SituationOf({}, kNew);
  EXPECT_FALSE(nothing.entries || nothing.flows || nothing.talkers || nothing.snat);
  EXPECT_FALSE(nothing.drift || nothing.loss_since_boot || nothing.recommended_by_profile);
}

}  // namespace
}  // namespace conntrack
