#include "exporter/commands/advise/wrapped.h"

#include <gtest/gtest.h>

#include "exporter/commands/advise/quantities.h"

namespace conntrack::exporter::advise {
namespace {

TEST(Wrapped, BreaksBetweenWordsAndGoesOnBelow) {
  const std::string words = std::string(60, 'a') + " " + std::string(60, 'b');
  EXPECT_EQ(Wrapped(words, "- ", "  "),
            "- " + std::string(60, 'a') + "\n  " + std::string(60, 'b') + "\n");
}

TEST(Wrapped, FillsALineToItsEnd) {
  const std::string words = std::string(49, 'a') + " " + std::string(50, 'b');
  EXPECT_EQ(Wrapped(words, "", ""), words + "\n");
}

TEST(Wrapped, AWordThatIsTooLongStandsAlone) {
  const std::string word(150, 'x');
  EXPECT_EQ(Comment("a " + word + " b"), "# a\n# " + word + "\n# b\n");
  EXPECT_EQ(Wrapped("", "- ", ""), "- \n");
}

TEST(Quantities, AreReadable) {
  EXPECT_EQ(Bytes(512), "512 bytes");
  EXPECT_EQ(Bytes(64ULL << 20U), "64.0 MiB");
  EXPECT_EQ(Bytes(16ULL << 30U), "16.0 GiB");
  EXPECT_EQ(Percent(0.763), "76 %");
  EXPECT_EQ(Percent(0.0042), "0.4 %");
  EXPECT_EQ(Multiple(1.5), "1.5");
  EXPECT_EQ(Multiple(2), "2");
  EXPECT_EQ(Tenths(5.734), "5.7");
}

}  // namespace
}  // namespace conntrack::exporter::advise
