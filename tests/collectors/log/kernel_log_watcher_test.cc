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

class KernelLogTallyTest : public testing::Test {
 protected:
  void Add(std::uint64_t sequence, const std::string& text = kTableFull, unsigned facility = 0) {
    tally_.Add({facility, 4, sequence, {}, text}, At(sequence));
  }
  static system_clock::time_point At(std::uint64_t sequence) {
    return system_clock::time_point(seconds(sequence));
  }
  const KernelLogCounts& Counts() { return tally_.counts(); }

  KernelLogTally tally_;
};

TEST_F(KernelLogTallyTest, BacklogTellsWhenAndIsNotCounted) {
  Add(7);
  Add(9, "net_ratelimit: 3 callbacks suppressed");
  EXPECT_EQ(Counts().table_full.lines, 0U);
  EXPECT_EQ(Counts().table_full.last_seen, At(7));
  EXPECT_EQ(Counts().suppressed, 0U);
  EXPECT_EQ(Counts().lost, 0U);
}

TEST_F(KernelLogTallyTest, NewLinesAreCountedByKind) {
  Add(1, "booting");
  tally_.Follow();
  Add(2);
  Add(3);
  Add(4, "nf_conntrack: expectation table full");
  Add(5, "net_ratelimit: 3 callbacks suppressed");
  Add(6, "net_ratelimit: 4 callbacks suppressed");
  EXPECT_EQ(Counts().table_full.lines, 2U);
  EXPECT_EQ(Counts().table_full.last_seen, At(3));
  EXPECT_EQ(Counts().expectation_table_full.lines, 1U);
  EXPECT_EQ(Counts().suppressed, 7U);
  EXPECT_EQ(Counts().lost, 0U);
}

TEST_F(KernelLogTallyTest, WhatAProcessWritesInTheKernelsWordsIsNotCounted) {
  tally_.Follow();
  Add(1, kTableFull, 1);
  EXPECT_EQ(Counts().table_full.lines, 0U);
  EXPECT_FALSE(Counts().table_full.last_seen.has_value());
}

TEST_F(KernelLogTallyTest, AGapIsCountedAsLost) {
  Add(1);
  tally_.Follow();
  Add(5);
  EXPECT_EQ(Counts().lost, 3U);
  tally_.AddUnreadable();  // was number 6
  Add(7);
  EXPECT_EQ(Counts().lost, 4U);
}

TEST_F(KernelLogTallyTest, FirstRecordOfALogThatWasEmptyIsNoGap) {
  tally_.Follow();
  Add(1000);
  EXPECT_EQ(Counts().lost, 0U);
  EXPECT_EQ(Counts().table_full.lines, 1U);
}

TEST_F(KernelLogTallyTest, WhatIsReadASecondTimeCountsOnce) {
  tally_.Follow();
  for (int pass = 0; pass < 2; ++pass) {
    for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) Add(sequence);
  }
  EXPECT_EQ(Counts().table_full.lines, 3U);
  EXPECT_EQ(Counts().lost, 0U);
}

TEST_F(KernelLogTallyTest, NamespacesBeyondTheCapAreSummedUp) {
  tally_.Follow();
  const auto full_in = [this](std::uint64_t sequence, std::uint64_t inode) {
    Add(sequence, "nf_conntrack: nf_conntrack: table full in netns " + std::to_string(inode) +
                      ", dropping packet");
  };
  const auto most = KernelLogTally::kMaxNamespaces;
  for (std::uint64_t n = 0; n < most + 5; ++n) full_in(n, n);
  full_in(most + 5, 0);
  EXPECT_EQ(Counts().table_full.by_netns.size(), most);
  EXPECT_EQ(Counts().table_full.by_netns.at(0), 2U);
  EXPECT_EQ(Counts().table_full.other_netns, 5U);
  EXPECT_EQ(Counts().table_full.lines, most + 6);
}

}  // namespace
}  // namespace conntrack
