#include "exporter/commands/report/progress.h"

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
