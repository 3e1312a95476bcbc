#include "exporter/commands/report/gather.h"

#include <gmock/gmock.h>

#include <sstream>

namespace conntrack::exporter::report {
namespace {

class Counter final : public kernel::FlowVisitor {
 public:
  void Begin() override { flows = 0; }
  void Visit(const kernel::Flow& /*flow*/) override { ++flows; }
  int flows = 0;
};

TEST(Progress, HandsEveryFlowOn) {
  Counter counter;
  Progress progress(counter, 10, nullptr, [] { return false; }, {});
  progress.Begin();
  for (int i = 0; i < 10'000; ++i) progress.Visit({});
  EXPECT_EQ(counter.flows, 10'000);
  progress.Begin();
  EXPECT_EQ(counter.flows, 0);
}

TEST(Progress, AShortWalkShowsNothing) {
  Counter counter;
  std::ostringstream line;
  {
    Progress progress(counter, 10'000, &line, [] { return false; }, {});
    for (int i = 0; i < 10'000; ++i) progress.Visit({});
  }
  EXPECT_EQ(line.str(), "");
}

TEST(Progress, ALongWalkShowsHowFarItIsAndWipesTheLineInTheEnd) {
  Counter counter;
  std::ostringstream line;
  std::chrono::steady_clock::time_point now;
  {
    Progress progress(
        counter, 20'000, &line, [] { return false; }, {}, [&now] { return now; });
    for (int i = 0; i < 4096; ++i) progress.Visit({});
    EXPECT_EQ(line.str(), "") << "less than a second has passed";
    now += std::chrono::seconds(1);
    for (int i = 0; i < 4096; ++i) progress.Visit({});
    EXPECT_THAT(line.str(), testing::EndsWith("reading the table: 8,192 of about 20,000 flows"));
    const auto shown = line.str();
    for (int i = 0; i < 4096; ++i) progress.Visit({});
    EXPECT_EQ(line.str(), shown) << "not more often than a person can read";
  }
  EXPECT_THAT(line.str(), testing::EndsWith("\r\x1b[K"));
}

TEST(Progress, AnInterruptionStopsTheWalk) {
  Counter counter;
  const std::stop_source stop;
  Progress progress(
      counter, 10'000, nullptr, [] { return true; }, stop);
  for (int i = 0; i < 10'000; ++i) progress.Visit({});
  EXPECT_TRUE(stop.stop_requested());
}

}  // namespace
}  // namespace conntrack::exporter::report
