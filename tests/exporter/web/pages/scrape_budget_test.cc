#include "exporter/web/pages/scrape_budget.h"

#include <gtest/gtest.h>

namespace conntrack::exporter::web {
namespace {

using namespace std::chrono_literals;

std::chrono::milliseconds Budget(std::optional<std::string_view> header) {
  return ScrapeBudget(header, 10s, 500ms);
}

TEST(ScrapeBudget, IsTheTimeoutLessTheOffset) {
  EXPECT_EQ(Budget("10"), 9500ms);
  EXPECT_EQ(Budget("4.250000"), 3750ms);
  EXPECT_EQ(Budget("3600"), 3599500ms);
}

TEST(ScrapeBudget, FallsBackWithoutAHeader) { EXPECT_EQ(Budget(std::nullopt), 9500ms); }

TEST(ScrapeBudget, IgnoresNonsense) {
  for (const auto* header : {"", "abc", "5s", " 5", "5 ", "0x5", "nan", "-nan", "inf", "-5", "0",
                             "-0", "1e400", "1e-400", "3600.1", "1e18", "5,5", "+5", "--5"}) {
    EXPECT_EQ(Budget(header), 9500ms) << header;
  }
}

TEST(ScrapeBudget, NeverFallsBelowATenthOfTheTimeout) {
  EXPECT_EQ(Budget("0.5"), 50ms);
  EXPECT_EQ(Budget("0.1"), 10ms);
  EXPECT_EQ(Budget("0.55"), 55ms);
}

TEST(ScrapeBudget, IsNeverZero) { EXPECT_EQ(Budget("0.000001"), 1ms); }

}  // namespace
}  // namespace conntrack::exporter::web
