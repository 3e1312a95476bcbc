#include "exporter/process/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <functional>
#include <nlohmann/json.hpp>

namespace conntrack::exporter::log {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;

class LogTest : public testing::Test {
 protected:
  ~LogTest() override { Configure(Level::kInfo, Format::kLogfmt); }

  static std::string Captured(Level level, Format format, const std::function<void()>& write) {
    Configure(level, format);
    testing::internal::CaptureStderr();
    write();
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(LogTest, LogfmtQuotesWhatNeedsIt) {
  const auto line = Captured(Level::kInfo, Format::kLogfmt, [] {
    Info("two words", {{"plain", "127.0.0.1:1"}, {"odd", "a b=\"c\"\n"}, {"empty", ""}});
  });
  EXPECT_THAT(line,
              MatchesRegex("time=[0-9]{4}-[0-9-]+T[0-9:.]+Z level=info msg=\"two words\" .*\n"));
  EXPECT_THAT(line, EndsWith("plain=127.0.0.1:1 odd=\"a b=\\\"c\\\"\\\\x0a\"\n"));
}

TEST_F(LogTest, JsonIsOneObjectALine) {
  const auto line = Captured(Level::kInfo, Format::kJson, [] {
    Warn("te\x1bxt", {{"err", "bad \xff byte"}});
  });
  const auto object = nlohmann::json::parse(line);
  EXPECT_EQ(object["level"], "warn");
  EXPECT_EQ(object["msg"], "te\\x1bxt");
  EXPECT_EQ(object["err"], "bad \\xff byte");
}

TEST_F(LogTest, LinesBelowTheLevelAreNotWritten) {
  EXPECT_EQ(Captured(Level::kError, Format::kLogfmt,
                     [] {
                       Warn("no");
                       Debug("no");
                     }),
            "");
  EXPECT_THAT(Captured(Level::kDebug, Format::kLogfmt, [] { Debug("yes"); }),
              HasSubstr("level=debug"));
}

/// Standard error while it lives.
class PipeAsStderr {
 public:
  PipeAsStderr() : before_(::dup(STDERR_FILENO)) {
    EXPECT_EQ(::pipe2(ends_, O_CLOEXEC), 0);
    ::dup2(ends_[1], STDERR_FILENO);
  }
  ~PipeAsStderr() {
    ::dup2(before_, STDERR_FILENO);
    for (const int fd : {before_, ends_[0], ends_[1]}) ::close(fd);
  }

  /// What is in the pipe.
  [[nodiscard]] std::string Read() const {
    std::string text(1 << 20, '\0');
    text.resize(static_cast<std::size_t>(::read(ends_[0], text.data(), text.size())));
    return text;
  }

 private:
  int ends_[2] = {-1, -1};
  const int before_;
};

TEST_F(LogTest, APipeThatNobodyReadsLosesLinesAndHoldsUpNobody) {
  const std::string text(1000, 'x');
  const PipeAsStderr pipe;
  for (int i = 0; i < 1000; ++i) Info(text);  // 64 kB would fit
  static_cast<void>(pipe.Read());
  Info("there is room again");
  EXPECT_THAT(
      pipe.Read(),
      MatchesRegex(
          ".*msg=\"log lines were dropped\" lines=[0-9]+\n.*msg=\"there is room again\"\n"));
}

}  // namespace
}  // namespace conntrack::exporter::log
