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

/// Three hours up to the time of the page; ten minutes of the last one, from 11:30 on, are unknown.
/// tests/live/status_page_test.py looks for these figures.
DayView ThreeHours() {
  constexpr std::size_t kMinutes = 180;
  DayView day{1'769'850'000, {{"entries", "", {}}, {"limit", "", {}}}};
  const auto add = [&day](const char* subject, const char* name, float value) {
    day.series.push_back({subject, name, {kMinutes, MinuteFigures{value, value, value}}});
  };
  for (std::size_t i = 0; i < kMinutes; ++i) {
    const auto mean = static_cast<float>(20'000 + 100 * i);
    day.series[0].minutes.push_back({mean - 10'000, mean, mean + 10'000});
  }
  day.series[1].minutes.assign(kMinutes, {65'536, 65'536, 65'536});
  add("flows", "tcp ESTABLISHED", 30'000);
  add("flows", "udp ASSURED", 10'000);
  add("flows", "other", 5'000);
  add("lost", "table full", 0);
  add("lost", "in all", 0);
  add("evicted", "", 0.5F);
  day.series[6].minutes[170] = {0, 10, 30};
  for (auto& series : day.series) {
    for (std::size_t i = 150; i < 160; ++i) series.minutes[i] = {};
  }
  return day;
}

std::string PageOf(const test::Scenario& scenario) {
  StatusPage page;
  page.heading = {"gateway", scenario.golden, "2026-01-31T12:00:00Z"};
  page.version = "1.2.3";
  page.telemetry_path = "/metrics";
  page.day = ThreeHours();
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
