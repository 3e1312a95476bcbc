#include "exporter/status/status_page.h"

#include <gmock/gmock.h>

#include "collectors/flows/flows_collector.h"
#include "tests/support/test_access.h"
#include "tests/support/whole_output.h"

namespace conntrack::exporter::status {
namespace {

using testing::Contains;
using testing::Field;

constexpr kernel::KernelRelease kNew{6, 18};

StatusPage PageOf(const std::vector<CollectorRun>& runs, const GrowthTo& growth_to = {}) {
  StatusPage page;
  AddRuns(runs, {}, kNew, *test::AccessTo("6.18-2cpu").presence, {}, growth_to, page);
  return page;
}

/// A run of the flows collector that has a walk of that age, in seconds.
CollectorRun FlowsOfAge(double age, std::chrono::milliseconds walk) {
  auto snapshot = std::make_shared<FlowSnapshot>();
  snapshot->duration = walk;
  return {"flows",
          {},
          Collection{{},
                     {},
                     "test",
                     {},
                     std::make_shared<const FlowsReading>(FlowsReading{snapshot, age, {}})}};
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
  using namespace std::chrono_literals;
  EXPECT_FALSE(PageOf({FlowsOfAge(59, 100ms)}).waiting);
  EXPECT_TRUE(PageOf({FlowsOfAge(61, 100ms)}).waiting);
  EXPECT_FALSE(PageOf({FlowsOfAge(61, 10s)}).waiting);
  EXPECT_TRUE(PageOf({FlowsOfAge(201, 10s)}).waiting);
}

}  // namespace
}  // namespace conntrack::exporter::status
