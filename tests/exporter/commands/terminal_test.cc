#include "exporter/commands/terminal.h"

#include <fcntl.h>
#include <gmock/gmock.h>

#include "kernel/unique_fd.h"

namespace conntrack::exporter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const Paint kPlain(false);

TEST(Tables, CellsStandBelowTheirTitlesFlushRight) {
  const Table table{
      "STATES", {"flows", "share"}, {{"tcp", "1,000", "9.1 %"}, {"udp", "7", "0.1 %"}}};
  EXPECT_THAT(LinesOf(table, 24, kPlain), ElementsAre("STATES      flows  share",  //
                                                      "  tcp       1,000  9.1 %",  //
                                                      "  udp           7  0.1 %"));
}

TEST(Tables, ANameThatIsTooLongIsCutAndMarked) {
  const Table table{"A", {"n"}, {{"2001:db8:1234:5678::/64", "12"}}};
  EXPECT_THAT(LinesOf(table, 14, kPlain).back(), "  2001:db~  12");
}

TEST(Tables, TwoStandSideBySideWhereThereIsRoom) {
  const Table left{"LEFT", {}, {{"a"}, {"b"}}};
  const Table right{"RIGHT", {}, {{"c"}}};
  EXPECT_EQ(InColumns({left, right}, 96, kPlain), "LEFT" + std::string(45, ' ') + "RIGHT\n" +  //
                                                      "  a" + std::string(46, ' ') + "  c\n" +
                                                      "  b\n\n");
  EXPECT_EQ(InColumns({left, right}, 80, kPlain), "LEFT\n  a\n  b\n\nRIGHT\n  c\n\n");
}

TEST(Tables, AWideOneStandsByItselfAndAnEmptyOneIsLeftOut) {
  const Table one{"ONE", {}, {{"a"}}};
  const Table empty{"EMPTY", {}, {}};
  const Table wide{"WIDE", {}, {{"w"}}, true};
  EXPECT_EQ(InColumns({one, empty, wide, one}, 96, kPlain),
            "ONE\n  a\n\nWIDE\n  w\n\nONE\n  a\n\n");
}

TEST(Tables, ColourTakesNoRoom) {
  const Table table{"A", {}, {{"a"}}};
  const auto plain = InColumns({table, table}, 96, kPlain);
  auto coloured = InColumns({table, table}, 96, Paint(true));
  EXPECT_THAT(coloured, HasSubstr("\x1b[1mA\x1b[0m"));
  for (std::size_t at; (at = coloured.find('\x1b')) != std::string::npos;) {
    coloured.erase(at, coloured.find('m', at) - at + 1);
  }
  EXPECT_EQ(coloured, plain);
}

TEST(Wrap, BreaksBetweenWordsBehindTheIndent) {
  EXPECT_EQ(Wrap("one two three", 10, "  "), "  one two\n  three\n");
  EXPECT_EQ(Wrap("unbreakable-word x", 10, "  "), "  unbreakable-word\n  x\n");
  EXPECT_EQ(Wrap("", 10, "  "), "");
}

TEST(Wrap, GoesOnBelowItself) {
  EXPECT_EQ(Wrap("aaaa bbbb", 8, "- "), "- aaaa\n  bbbb\n");
  EXPECT_EQ(Wrap("aaaa bbbb", 8, Paint(true)(kRed, "- ")), "\x1b[1;31m- \x1b[0maaaa\n  bbbb\n");
  EXPECT_EQ(Wrap("aaaa bbbb", 8, "- ", "# "), "- aaaa\n# bbbb\n");
}

TEST(Wrap, FillsALineToItsEnd) {
  const std::string words = std::string(49, 'a') + " " + std::string(50, 'b');
  EXPECT_EQ(Wrap(words, 100, ""), words + "\n");
  EXPECT_EQ(Wrap(words, 99, ""), std::string(49, 'a') + "\n" + std::string(50, 'b') + "\n");
}

TEST(Wrap, AWordThatIsTooLongStandsAlone) {
  const std::string word(150, 'x');
  EXPECT_EQ(Wrap("a " + word + " b", 100, "# ", "# "), "# a\n# " + word + "\n# b\n");
}

TEST(Terminal, WhatIsNoTerminalHasNoColourAndAnyWidth) {
  const kernel::UniqueFd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const Terminal terminal(null.get());
  EXPECT_FALSE(terminal.is_tty());
  EXPECT_FALSE(terminal.colour());
  EXPECT_EQ(terminal.Columns(96), 96U);
  EXPECT_EQ(terminal.Rows(), 0U);
}

constexpr const char* kHostile = "a\n\x1b[1mb\xff";
constexpr const char* kHarmless = "a\\x0a\\x1b[1mb\\xff";

TEST(Terminal, NothingThatIsLaidOutIsControlledByIt) {
  EXPECT_EQ(Wrap(kHostile, 40, "- "), std::string("- ") + kHarmless + "\n");
  EXPECT_EQ(PadRight(kHostile, 19), std::string(kHarmless) + "  ");
  EXPECT_EQ(PadLeft(kHostile, 19), std::string("  ") + kHarmless);
  EXPECT_THAT(LinesOf({kHostile, {kHostile}, {{kHostile, kHostile}}}, 60, kPlain),
              ElementsAre(std::string(kHarmless) + std::string(26, ' ') + kHarmless,
                          std::string("  ") + kHarmless + std::string(24, ' ') + kHarmless));
}

TEST(Tables, ANameIsNotCutWithinACharacter) {
  EXPECT_THAT(LinesOf({"A", {}, {{"\u00e9\u00e9\u00e9"}}}, 6, kPlain).back(), "  \u00e9~");
}

TEST(Terminal, ARedrawWritesOverWhatWasThereAndWipesWhatIsLeft) {
  const auto drawn = Redraw("a\nb\n", 24, false);
  EXPECT_THAT(drawn, StartsWith("\x1b[H"));
  EXPECT_THAT(drawn, HasSubstr("a\x1b[K\nb\x1b[K\n\x1b[J"));
  EXPECT_THAT(drawn, Not(HasSubstr("\x1b[2J"))) << "it would flicker";
  EXPECT_THAT(Redraw("a\n", 24, true), HasSubstr("\x1b[2J"));
}

TEST(Terminal, LinesBeyondTheHeightAreLeftOutAndCounted) {
  EXPECT_THAT(Redraw("a\nb\nc\n", 4, false), HasSubstr("c\x1b[K"));
  const auto cut = Redraw("a\nb\nc\nd\n", 4, false);
  EXPECT_THAT(cut, HasSubstr("a\x1b[K\nb\x1b[K\n(2 more lines: make the window higher)"));
  EXPECT_THAT(cut, Not(HasSubstr("c\x1b[K")));
  EXPECT_THAT(Redraw("a\nb\nc\nd\n", 0, false), HasSubstr("d\x1b[K")) << "it does not say";
}

}  // namespace
}  // namespace conntrack::exporter
