#include "exporter/commands/standard_stream.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <sstream>

#include "exporter/commands/terminal.h"
#include "kernel/unique_fd.h"

namespace conntrack::exporter {
namespace {

TEST(PrintableOutput, OnlyWhatTheLayoutWritesStays) {
  const auto ours = "\ta\n" + Paint(true)(kRed, "b") + kClearLine + Redraw("c\n", 24, true);
  EXPECT_EQ(PrintableOutput(ours), ours);
  EXPECT_EQ(PrintableOutput("\x1b[5mx\x1b]0;title\x07\r\xff\n"),
            "\\x1b[5mx\\x1b]0;title\\x07\\x0d\\xff\n");
  EXPECT_EQ(PrintableOutput("\x1b"), "\\x1b");
  EXPECT_EQ(PrintableOutput(""), "");
}

/// A stream whose text arrives in a pipe.
class StandardStreamTest : public testing::Test {
 protected:
  StandardStreamTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    read_ = kernel::UniqueFd(ends[0]);
    write_ = kernel::UniqueFd(ends[1]);
  }

  std::string Arrived() {
    std::array<char, 4096> text{};
    const auto size = ::read(read_.get(), text.data(), text.size());
    return {text.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
  }

  kernel::UniqueFd read_, write_;
  std::ostringstream stream_;
};

TEST_F(StandardStreamTest, WritesLinesAsTheyAreFinishedAndTheRestAtTheEnd) {
  StandardStream standard(stream_, write_.get());
  stream_ << "one " << 1;
  EXPECT_EQ(Arrived(), "");
  stream_ << "\ntwo";
  EXPECT_EQ(Arrived(), "one 1\n");
  stream_ << " \xe2"
          << "\x82\xac" << '\x1b';  // a character in two pieces
  EXPECT_EQ(standard.Finish(), 0);
  EXPECT_EQ(Arrived(), "two \u20ac\\x1b");
}

TEST_F(StandardStreamTest, KeepsTheFirstErrorAndFailsTheStream) {
  const kernel::UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  StandardStream standard(stream_, full.get());
  stream_ << "unfinished";
  EXPECT_TRUE(stream_);
  stream_ << std::flush;
  EXPECT_FALSE(stream_);
  EXPECT_EQ(standard.Finish(), ENOSPC);
}

TEST_F(StandardStreamTest, ItsEndGivesTheStreamBackWhatItHad) {
  { const StandardStream standard(stream_, write_.get()); }
  stream_ << "text\n";
  EXPECT_EQ(Arrived(), "");
  EXPECT_EQ(stream_.str(), "text\n");
}

}  // namespace
}  // namespace conntrack::exporter
