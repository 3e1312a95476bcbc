#include "exporter/command_line/nearest.h"

#include <gtest/gtest.h>

namespace conntrack::exporter {
namespace {

const std::vector<std::string> kWords = {"--web.listen-address", "--web.telemetry-path",
                                         "--log.level", "check", "serve"};

TEST(Nearest, FindsTheWordThatWasMeant) {
  EXPECT_EQ(Nearest("--web.listen-adress", kWords), "--web.listen-address");
  EXPECT_EQ(Nearest("--web.listen-addresses", kWords), "--web.listen-address");
  EXPECT_EQ(Nearest("--log-level", kWords), "--log.level");
  EXPECT_EQ(Nearest("chekc", kWords), "check");
}

TEST(Nearest, FindsNothingWhereNothingIsNear) {
  EXPECT_EQ(Nearest("--collect-everything", kWords), "");
  EXPECT_EQ(Nearest("", {}), "");
  EXPECT_EQ(Nearest(std::string(100'000, 'x'), kWords), "");
}

}  // namespace
}  // namespace conntrack::exporter
