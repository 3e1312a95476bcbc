// The whole output on each capture against tests/golden. CONNTRACK_UPDATE_GOLDEN=1 rewrites the
// files.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "exporter/metrics/exposition.h"
#include "tests/support/source_dir.h"
#include "tests/support/whole_output.h"

namespace conntrack::exporter {
namespace {

// Series whose values no two runs agree on.
constexpr std::array<std::string_view, 4> kVolatile = {
    "conntrack_scrape_collector_duration_seconds", "conntrack_flows_sample_age_seconds",
    "conntrack_flows_sample_duration_seconds", "conntrack_kernel_log_last_seen_timestamp_seconds"};

std::string Stable(std::vector<Family> families) {
  for (auto& family : families) {
    if (std::find(kVolatile.begin(), kVolatile.end(), family.name) == kVolatile.end()) continue;
    for (auto& sample : family.samples) sample.value = 0;
  }
  return RenderText(families);
}

class GoldenTest : public testing::TestWithParam<test::Scenario> {};

TEST_P(GoldenTest, WholeOutputIsAsPublished) {
  const auto path = std::string(test::SourceDir()) + "/tests/golden/" + GetParam().golden + ".prom";
  const auto actual = Stable(test::WholeOutput(GetParam()));
  if (std::getenv("CONNTRACK_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << actual;
  std::ostringstream golden;
  golden << std::ifstream(path).rdbuf();
  EXPECT_EQ(actual, golden.str()) << path << " (CONNTRACK_UPDATE_GOLDEN=1 rewrites it)";
}

std::string NameOf(const testing::TestParamInfo<test::Scenario>& info) {
  std::string name = info.param.golden;
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Captures, GoldenTest, testing::ValuesIn(test::Scenarios()), NameOf);

}  // namespace
}  // namespace conntrack::exporter
