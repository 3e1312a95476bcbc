// The page on two captures against tests/golden/status. CONNTRACK_UPDATE_GOLDEN=1 rewrites the
// files.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

#include "collectors/flows/flows_collector.h"
#include "exporter/status/status_page.h"
#include "tests/support/source_dir.h"
#include "tests/support/whole_output.h"

namespace conntrack::exporter::status {
namespace {

/// The run without what no two runs agree on.
std::vector<CollectorRun> StableRun(const test::Scenario& scenario) {
  auto runs = test::WholeRun(scenario);
  for (auto& run : runs) {
    run.took = std::chrono::microseconds(120);
    if (!run.outcome) continue;
    if (const auto* flows = run.outcome->reading.As<FlowsReading>()) {
      auto snapshot = std::make_shared<FlowSnapshot>(*flows->snapshot);
      snapshot->duration = std::chrono::milliseconds(120);
      Collection stable = *run.outcome;
      stable.reading =
          std::make_shared<const FlowsReading>(FlowsReading{snapshot, 3.2, flows->errors});
      run.outcome = std::move(stable);
    }
  }
  return runs;
}

std::string PageOf(const test::Scenario& scenario) {
  StatusPage page;
  page.heading = {"gateway", scenario.golden, "2026-01-31T12:00:00Z"};
  page.version = "1.2.3";
  page.telemetry_path = "/metrics";
  AddRuns(StableRun(scenario), {}, kernel::KernelRelease{6, 18}, *scenario.access.presence, {}, {},
          page);
  // Wherever the captures are.
  return std::regex_replace(RenderStatusPage(page),
                            std::regex(std::string(test::SourceDir()) + "/tests/fixtures"), "");
}

class GoldenPageTest : public testing::TestWithParam<const char*> {};

TEST_P(GoldenPageTest, PageIsAsPublished) {
  const auto path = std::string(test::SourceDir()) + "/tests/golden/status/" + GetParam() + ".html";
  for (const auto& scenario : test::Scenarios()) {
    if (scenario.golden != GetParam()) continue;
    const auto actual = PageOf(scenario);
    if (std::getenv("CONNTRACK_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << actual;
    std::ostringstream golden;
    golden << std::ifstream(path).rdbuf();
    EXPECT_EQ(actual, golden.str()) << path << " (CONNTRACK_UPDATE_GOLDEN=1 rewrites it)";
    return;
  }
  FAIL() << "there is no scenario " << GetParam();
}

std::string NameOf(const testing::TestParamInfo<const char*>& info) {
  return std::string(info.param).starts_with("6.18") ? "Everything" : "Nothing";
}

INSTANTIATE_TEST_SUITE_P(Captures, GoldenPageTest,
                         testing::Values("6.18-2cpu-cap-net-admin", "module-not-loaded"), NameOf);

}  // namespace
}  // namespace conntrack::exporter::status
