#include "exporter/commands/report/screen.h"

#include <fcntl.h>
#include <gmock/gmock.h>

#include "kernel/unique_fd.h"

namespace conntrack::exporter::report {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Screen, WhatIsNoTerminalHasNoColourAndAnyWidth) {
  const kernel::UniqueFd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const Screen screen(null.get());
  EXPECT_FALSE(screen.is_terminal());
  EXPECT_FALSE(screen.colour());
  EXPECT_EQ(screen.Columns(96), 96U);
  EXPECT_EQ(screen.Rows(), 0U);
}

TEST(Screen, ARedrawWritesOverWhatWasThereAndWipesWhatIsLeft) {
  const auto drawn = InPlace("a\nb\n", 24, false);
  EXPECT_THAT(drawn, StartsWith("\x1b[H"));
  EXPECT_THAT(drawn, HasSubstr("a\x1b[K\nb\x1b[K\n\x1b[J"));
  EXPECT_THAT(drawn, Not(HasSubstr("\x1b[2J"))) << "it would flicker";
  EXPECT_THAT(InPlace("a\n", 24, true), HasSubstr("\x1b[2J"));
}

TEST(Screen, LinesBeyondTheHeightAreLeftOutAndCounted) {
  EXPECT_THAT(InPlace("a\nb\nc\n", 4, false), HasSubstr("c\x1b[K"));
  const auto cut = InPlace("a\nb\nc\nd\n", 4, false);
  EXPECT_THAT(cut, HasSubstr("a\x1b[K\nb\x1b[K\n(2 more lines: make the window higher)"));
  EXPECT_THAT(cut, Not(HasSubstr("c\x1b[K")));
  EXPECT_THAT(InPlace("a\nb\nc\nd\n", 0, false), HasSubstr("d\x1b[K")) << "it does not say";
}

}  // namespace
}  // namespace conntrack::exporter::report
