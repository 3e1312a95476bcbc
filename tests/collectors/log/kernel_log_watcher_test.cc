#include "collectors/log/kernel_log_watcher.h"

#include <gtest/gtest.h>

#include "tests/support/fake_kmsg_reader.h"

namespace conntrack {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;
using test::FakeKmsg;

using test::kTableFull;

class KernelLogWatcherTest : public testing::Test {
 protected:
  KernelLogWatcher& Watcher() {
    if (!watcher_) watcher_.emplace(test::OpenFake(log_), clocks_);
    return *watcher_;
  }

  const system_clock::time_point now_{seconds(1'000'000)};
  const KernelLogClocks clocks_{[this] { return now_; }, [] { return seconds(100); }};
  std::shared_ptr<FakeKmsg> log_ = std::make_shared<FakeKmsg>();
  std::optional<KernelLogWatcher> watcher_;
};

TEST_F(KernelLogWatcherTest, BacklogIsNotCountedAsNewAndKeepsItsTime) {
  log_->Log(1, kTableFull, 40'000'000);
  const auto counts = Watcher().Counts().value();
  EXPECT_EQ(counts.table_full.lines, 0U);
  EXPECT_EQ(counts.table_full.last_seen, now_ - seconds(60));
}

TEST_F(KernelLogWatcherTest, ABacklogFromTheFutureOfTheOtherClockIsNow) {
  log_->Log(1, kTableFull, 101'000'000);
  EXPECT_EQ(Watcher().Counts().value().table_full.last_seen, now_);
}

TEST_F(KernelLogWatcherTest, WhoAsksIsNeverBehindTheLog) {
  Watcher();
  for (std::uint64_t line = 1; line <= 100; ++line) {
    log_->Log(line, kTableFull);
    EXPECT_EQ(Watcher().Counts().value().table_full.lines, line);
  }
  EXPECT_EQ(Watcher().Counts().value().table_full.last_seen, now_);
}

TEST_F(KernelLogWatcherTest, TheLogIsReadWhileNobodyAsks) {
  Watcher();
  log_->Log(1, kTableFull);
  const auto end = std::chrono::steady_clock::now() + seconds(60);
  while (!log_->AllIsRead() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_TRUE(log_->AllIsRead());
  EXPECT_EQ(Watcher().Counts().value().table_full.lines, 1U);
}

TEST_F(KernelLogWatcherTest, OverwrittenAndUnreadableRecordsAreCounted) {
  Watcher();
  log_->Log(1, kTableFull);
  log_->Write(ErrorKind::kOverrun);
  log_->Log(11, kTableFull);           // 2 to 10 were overwritten
  log_->Write(ErrorKind::kMalformed);  // 12 was too large
  log_->Write("no record at all");     // 13
  log_->Log(14, kTableFull);
  const auto counts = Watcher().Counts().value();
  EXPECT_EQ(counts.table_full.lines, 3U);
  EXPECT_EQ(counts.lost, 11U);
}

TEST_F(KernelLogWatcherTest, AfterAnErrorItIsOpenedAgainAndCountsWhatCameMeanwhile) {
  Watcher();
  log_->Log(1, kTableFull);
  EXPECT_EQ(Watcher().Counts().value().table_full.lines, 1U);
  log_->Write(ErrorKind::kIo);
  while (!log_->AllIsRead()) (void)Watcher().Counts();  // the thread may be the one to meet it
  log_->Log(1, kTableFull);                             // a reader begins with the oldest record
  log_->Log(2, kTableFull);
  EXPECT_EQ(Watcher().Counts().value().table_full.lines, 2U);
}

/// A log that the thread of the watcher does not wake up for.
class SleepyPort final : public kernel::KmsgReader {
 public:
  explicit SleepyPort(std::shared_ptr<FakeKmsg> log) : log_(std::move(log)) {}
  Result<std::string_view> Read(std::span<char> buffer) override { return log_->Read(buffer); }
  void Wait(const std::stop_token& stop) override { nothing_.Wait(stop); }

 private:
  std::shared_ptr<FakeKmsg> log_;
  FakeKmsg nothing_;
};

TEST(KernelLogWatcher, AReadErrorIsToldToWhoMeetsItAndIsOverWithTheNext) {
  auto log = std::make_shared<FakeKmsg>();
  KernelLogWatcher watcher([&]() -> Result<std::unique_ptr<kernel::KmsgReader>> {
    return std::make_unique<SleepyPort>(log);
  });
  log->Write(ErrorKind::kIo);
  EXPECT_EQ(watcher.Counts().error().kind, ErrorKind::kIo);
  EXPECT_TRUE(watcher.Counts().has_value());
}

TEST(KernelLogWatcher, OpeningIsTriedAgainWheneverSomebodyAsks) {
  auto log = std::make_shared<FakeKmsg>();
  bool allowed = false;
  KernelLogWatcher watcher([&]() -> Result<std::unique_ptr<kernel::KmsgReader>> {
    if (!allowed) return Fail(ErrorKind::kDenied, "no");
    return std::make_unique<test::FakeKmsgReader>(log);
  });
  EXPECT_EQ(watcher.Counts().error().kind, ErrorKind::kDenied);
  allowed = true;
  EXPECT_TRUE(watcher.Counts().has_value());
  log->Log(1, kTableFull);
  EXPECT_EQ(watcher.Counts().value().table_full.lines, 1U);
}

TEST(KernelLogWatcher, EndsPromptlyWhileTheLogIsSilent) {
  for (int time = 0; time < 50; ++time) {
    KernelLogWatcher watcher(test::OpenFake(std::make_shared<FakeKmsg>()));
  }
}

}  // namespace
}  // namespace conntrack
