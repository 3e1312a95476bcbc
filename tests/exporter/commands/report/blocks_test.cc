#include "exporter/commands/report/blocks.h"

#include <gmock/gmock.h>

namespace conntrack::exporter::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const Paint kPlain(false);

TEST(Blocks, CellsStandBelowTheirTitlesFlushRight) {
  const Block block{
      "STATES", {"flows", "share"}, {{"tcp", "1,000", "9.1 %"}, {"udp", "7", "0.1 %"}}};
  EXPECT_THAT(LinesOf(block, 24, kPlain), ElementsAre("STATES      flows  share",  //
                                                      "  tcp       1,000  9.1 %",  //
                                                      "  udp           7  0.1 %"));
}

TEST(Blocks, ANameThatIsTooLongIsCutAndMarked) {
  const Block block{"A", {"n"}, {{"2001:db8:1234:5678::/64", "12"}}};
  EXPECT_THAT(LinesOf(block, 14, kPlain).back(), "  2001:db~  12");
}

TEST(Blocks, TwoStandSideBySideWhereThereIsRoom) {
  const Block left{"LEFT", {}, {{"a"}, {"b"}}};
  const Block right{"RIGHT", {}, {{"c"}}};
  EXPECT_EQ(InColumns({left, right}, 96, kPlain), "LEFT" + std::string(45, ' ') + "RIGHT\n" +  //
                                                      "  a" + std::string(46, ' ') + "  c\n" +
                                                      "  b\n\n");
  EXPECT_EQ(InColumns({left, right}, 80, kPlain), "LEFT\n  a\n  b\n\nRIGHT\n  c\n\n");
}

TEST(Blocks, AWideOneStandsByItselfAndAnEmptyOneIsLeftOut) {
  const Block one{"ONE", {}, {{"a"}}};
  const Block empty{"EMPTY", {}, {}};
  const Block wide{"WIDE", {}, {{"w"}}, true};
  EXPECT_EQ(InColumns({one, empty, wide, one}, 96, kPlain),
            "ONE\n  a\n\nWIDE\n  w\n\nONE\n  a\n\n");
}

TEST(Blocks, ColourTakesNoRoom) {
  const Block block{"A", {}, {{"a"}}};
  const auto plain = InColumns({block, block}, 96, kPlain);
  auto coloured = InColumns({block, block}, 96, Paint(true));
  EXPECT_THAT(coloured, HasSubstr("\x1b[1mA\x1b[0m"));
  for (std::size_t at; (at = coloured.find('\x1b')) != std::string::npos;) {
    coloured.erase(at, coloured.find('m', at) - at + 1);
  }
  EXPECT_EQ(coloured, plain);
}

TEST(Blocks, WordsAreWrappedBehindTheIndent) {
  EXPECT_EQ(Wrapped("one two three", 2, 10), "  one two\n  three\n");
  EXPECT_EQ(Wrapped("unbreakable-word x", 2, 10), "  unbreakable-word\n  x\n");
  EXPECT_EQ(Wrapped("", 2, 10), "");
}

}  // namespace
}  // namespace conntrack::exporter::report
