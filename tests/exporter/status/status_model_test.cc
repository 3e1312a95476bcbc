#include "exporter/status/status_model.h"

#include <gmock/gmock.h>

#include "tests/support/whole_output.h"

namespace conntrack::exporter::status {
namespace {

using testing::Contains;
using testing::Field;

constexpr kernel::KernelRelease kNew{6, 18};

StatusPage PageOf(const std::vector<CollectorRun>& runs, const GrowthTo& growth_to = {}) {
  StatusPage page;
  AddRuns(runs, {}, kNew, growth_to, page);
  return page;
}

/// The gauges of one collector.
CollectorRun RunOf(const char* name, std::vector<Family> families) {
  return {name, {}, Collection{std::move(families), {}, "test"}};
}

std::vector<Family> FlowsOfAge(double age, double walk) {
  return {Gauge("conntrack_flows", "", 1), Gauge("conntrack_flows_with_status", "", 0),
          Gauge("conntrack_flows_sample_age_seconds", "", age),
          Gauge("conntrack_flows_sample_duration_seconds", "", walk)};
}

TEST(StatusModel, HasWhatTheCollectorsYield) {
  const auto page = PageOf(test::WholeRun(test::Scenarios().back()));
  EXPECT_EQ(page.situation.flows->flows, 12U);
  EXPECT_EQ(page.collectors.size(), Catalogue().size());
  EXPECT_FALSE(page.findings.empty());
  EXPECT_FALSE(page.waiting);
}

TEST(StatusModel, LossesOfTheLastMinuteAreThoseOfTheGrowth) {
  const auto growth_to = [](const kernel::ConntrackStat& stat) {
    EXPECT_EQ(stat.cpus.size(), 2U);
    StatGrowth growth{{}, 30};
    growth.totals[kernel::StatCounter::kDrop] = 7;
    growth.totals[kernel::StatCounter::kInsertFailed] = 0;
    growth.totals[kernel::StatCounter::kClashResolve] = 0;
    return std::optional(growth);
  };
  const auto page = PageOf(test::WholeRun(test::Scenarios().back()), growth_to);
  ASSERT_TRUE(page.situation.loss_recently);
  EXPECT_EQ(page.situation.loss_recently->packets.table_full.packets, 7U);
  EXPECT_EQ(page.situation.loss_recently->seconds, 30);
  EXPECT_THAT(page.findings, Contains(Field(&Finding::id, "table_full")));
}

TEST(StatusModel, WaitsForTheFirstWalk) {
  EXPECT_TRUE(PageOf({{"flows", {}, Fail(ErrorKind::kTimeout, "not yet")}}).waiting);
  EXPECT_FALSE(PageOf({{"flows", {}, Fail(ErrorKind::kDenied, "no")}}).waiting);
  EXPECT_FALSE(PageOf({}).waiting);
}

TEST(StatusModel, WaitsForANewerWalkWhereTheLastIsOldForItsLength) {
  EXPECT_FALSE(PageOf({RunOf("flows", FlowsOfAge(59, 0.1))}).waiting);
  EXPECT_TRUE(PageOf({RunOf("flows", FlowsOfAge(61, 0.1))}).waiting);
  EXPECT_FALSE(PageOf({RunOf("flows", FlowsOfAge(61, 10))}).waiting);
  EXPECT_TRUE(PageOf({RunOf("flows", FlowsOfAge(201, 10))}).waiting);
}

}  // namespace
}  // namespace conntrack::exporter::status
