#include "collectors/flows/flow_sampler.h"

#include <gmock/gmock.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "tests/support/fake_flow_source.h"

namespace conntrack {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

steady_clock::time_point Patience() { return steady_clock::now() + seconds(30); }
steady_clock::time_point NoTime() { return steady_clock::now() - seconds(1); }

/// A clock that only tests move.
class ManualClock {
 public:
  [[nodiscard]] FlowSampler::Clock Get() {
    return [this] { return steady_clock::time_point(seconds(seconds_.load())); };
  }
  void Advance(int by) { seconds_ += by; }

 private:
  std::atomic<int> seconds_{1000};
};

class FlowSamplerTest : public testing::Test {
 protected:
  FlowSampler Make(double cpu_share, test::FakeFlowSource::WalkFunction walk,
                   test::SourceReport report = {}) {
    return FlowSampler(std::make_unique<test::FakeFlowSource>(std::move(walk), std::move(report)),
                       cpu_share, FlowTallyOptions{}, clock_.Get());
  }

  /// A walk that takes two seconds of the manual clock.
  test::FakeFlowSource::WalkFunction TwoSeconds() {
    return [this](kernel::FlowVisitor& visitor, const std::stop_token&) -> Result<void> {
      ++walks_;
      visitor.Visit({});
      clock_.Advance(2);
      return {};
    };
  }

  ManualClock clock_;
  std::atomic<int> walks_{0};
};

TEST_F(FlowSamplerTest, WalksWhenSomebodyAsks) {
  auto sampler = Make(0.1, TwoSeconds());
  EXPECT_EQ(walks_, 0);
  const auto snapshot = sampler.Latest(Patience());
  ASSERT_TRUE(snapshot.has_value());
  EXPECT_EQ((*snapshot)->counts.flows(), 1U);
  EXPECT_EQ((*snapshot)->duration, seconds(2));
}

TEST_F(FlowSamplerTest, ComparesWithWhatTheKernelCountedBeforeAndAfter) {
  std::atomic<std::uint64_t> entries{500};
  const auto source = [&](kernel::FlowVisitor& visitor, const std::stop_token&) -> Result<void> {
    for (int flow = 0; flow < 100; ++flow) visitor.Visit({});
    entries = 150;  // others have gone while it walked
    return {};
  };
  FlowSampler sampler(std::make_unique<test::FakeFlowSource>(source, test::SourceReport{}), 1.0,
                      FlowTallyOptions{}, clock_.Get(), [&] { return entries.load(); });
  EXPECT_EQ(sampler.Latest(Patience()).value()->unseen, 50U);
  EXPECT_FALSE(Make(0.1, TwoSeconds()).Latest(Patience()).value()->unseen);
}

TEST(UnseenEntries, ExpiredOnesAreNoneAndMoreFlowsThanEntriesAreNone) {
  kernel::HashTableStats table{};
  table.expired = 30;
  EXPECT_EQ(UnseenEntries(150, 100, {}), 50U);
  EXPECT_EQ(UnseenEntries(150, 100, table), 20U);
  EXPECT_EQ(UnseenEntries(100, 150, {}), 0U);
  EXPECT_EQ(UnseenEntries({}, 100, {}), std::nullopt);
}

TEST_F(FlowSamplerTest, DutyCycleKeepsTheNextWalkAway) {
  auto sampler = Make(0.1, TwoSeconds());
  const auto first = sampler.Latest(Patience());
  clock_.Advance(17);  // 19 s after the walk began: 2 s / 10 % are 20 s
  EXPECT_EQ(sampler.Latest(Patience()).value(), *first);
  EXPECT_EQ(walks_, 1);
  clock_.Advance(1);
  EXPECT_NE(sampler.Latest(Patience()).value(), *first);
  EXPECT_EQ(walks_, 2);
}

TEST_F(FlowSamplerTest, DutyCycleCountsEveryThreadOfAWalk) {
  auto sampler = Make(0.1, TwoSeconds(), {.threads = 3});
  const auto first = sampler.Latest(Patience());
  clock_.Advance(57);  // 59 s after the walk began: 3 threads x 2 s / 10 % are 60 s
  EXPECT_EQ(sampler.Latest(Patience()).value(), *first);
  clock_.Advance(1);
  EXPECT_NE(sampler.Latest(Patience()).value(), *first);
  EXPECT_EQ(walks_, 2);
}

TEST_F(FlowSamplerTest, ASnapshotSaysWhereItIsFromAndWhatTheTableIsLike) {
  kernel::HashTableStats table;
  table.chains[0] = 1024;
  table.namespaces = {{.inode = 4026531840, .flows = 5}};
  auto sampler = Make(0.1, TwoSeconds(),
                      {.name = "bpf",
                       .table = table,
                       .fallback_reason = Error{ErrorKind::kAbsent, 0, "not this one", {}}});
  const auto snapshot = sampler.Latest(Patience()).value();
  EXPECT_EQ(snapshot->source, "bpf");
  EXPECT_EQ(snapshot->table, table);
  ASSERT_TRUE(snapshot->fallback_reason.has_value());
  EXPECT_EQ(snapshot->fallback_reason->kind, ErrorKind::kAbsent);
  EXPECT_EQ(sampler.errors().torn, 4U);
}

TEST_F(FlowSamplerTest, ASnapshotOfASourceThatSeesNoTableHasNone) {
  auto sampler = Make(0.1, TwoSeconds(), {.name = "ctnetlink"});
  const auto snapshot = sampler.Latest(Patience()).value();
  EXPECT_EQ(snapshot->source, "ctnetlink");
  EXPECT_FALSE(snapshot->table.has_value());
  EXPECT_FALSE(snapshot->fallback_reason.has_value());
}

TEST_F(FlowSamplerTest, DutyCycleHoldsForFailuresToo) {
  auto sampler = Make(0.1, [this](kernel::FlowVisitor&, const std::stop_token&) -> Result<void> {
    ++walks_;
    clock_.Advance(2);
    return Fail(ErrorKind::kDenied, "no");
  });
  EXPECT_EQ(sampler.Latest(Patience()).error().kind, ErrorKind::kDenied);
  EXPECT_EQ(sampler.Latest(Patience()).error().kind, ErrorKind::kDenied);
  EXPECT_EQ(walks_, 1);
}

TEST_F(FlowSamplerTest, ConcurrentScrapesShareOneWalk) {
  constexpr int kScrapes = 50;
  std::latch walking(1);
  std::latch finish(1);
  auto sampler =
      Make(0.1, [&](kernel::FlowVisitor& visitor, const std::stop_token&) -> Result<void> {
        ++walks_;
        visitor.Visit({});
        clock_.Advance(2);  // so that nobody who comes late starts another walk
        walking.count_down();
        finish.wait();
        return {};
      });
  std::vector<std::shared_ptr<const FlowSnapshot>> seen(kScrapes);
  std::vector<std::jthread> scrapes;
  for (auto& snapshot : seen) {
    scrapes.emplace_back([&] { snapshot = sampler.Latest(Patience()).value_or(nullptr); });
  }
  walking.wait();
  finish.count_down();
  scrapes.clear();
  for (const auto& snapshot : seen) {
    ASSERT_NE(snapshot, nullptr);
    EXPECT_EQ(snapshot->counts.flows(), 1U);
  }
  EXPECT_EQ(walks_, 1);
}

TEST_F(FlowSamplerTest, DeadlineBeforeTheFirstWalkIsDoneIsATimeoutAndTheWalkGoesOn) {
  std::latch finish(1);
  auto sampler =
      Make(1.0, [&](kernel::FlowVisitor& visitor, const std::stop_token&) -> Result<void> {
        finish.wait();
        visitor.Visit({});
        return {};
      });
  const auto early = sampler.Latest(NoTime());
  ASSERT_FALSE(early.has_value());
  EXPECT_EQ(early.error().kind, ErrorKind::kTimeout);
  finish.count_down();
  EXPECT_EQ(sampler.Latest(Patience()).value()->counts.flows(), 1U);
}

TEST_F(FlowSamplerTest, AnEndingProcessDoesNotWaitForTheWalk) {
  std::latch finish(1);
  auto sampler = Make(1.0, [&](kernel::FlowVisitor&, const std::stop_token&) -> Result<void> {
    finish.wait();
    return {};
  });
  std::stop_source ending;
  ending.request_stop();
  EXPECT_FALSE(sampler.Latest(Patience(), ending.get_token()).has_value());
  finish.count_down();
}

TEST_F(FlowSamplerTest, DeadlineDuringALaterWalkYieldsTheLastSnapshot) {
  std::atomic<bool> hang{false};
  std::latch finish(1);
  auto sampler = Make(1.0, [&](kernel::FlowVisitor&, const std::stop_token&) -> Result<void> {
    if (hang) finish.wait();
    clock_.Advance(1);
    return {};
  });
  const auto first = sampler.Latest(Patience());
  hang = true;
  EXPECT_EQ(sampler.Latest(NoTime()).value(), *first);
  finish.count_down();
}

TEST_F(FlowSamplerTest, AFailedWalkHidesOldCountsUntilOneSucceeds) {
  std::atomic<bool> fail{false};
  auto sampler = Make(1.0, [&](kernel::FlowVisitor&, const std::stop_token&) -> Result<void> {
    clock_.Advance(1);
    if (fail) return Fail(ErrorKind::kOverrun, "lost");
    return {};
  });
  EXPECT_TRUE(sampler.Latest(Patience()).has_value());
  fail = true;
  EXPECT_EQ(sampler.Latest(Patience()).error().kind, ErrorKind::kOverrun);
  fail = false;
  EXPECT_TRUE(sampler.Latest(Patience()).has_value());
}

TEST_F(FlowSamplerTest, AWalkThatThrowsHasFailed) {
  auto sampler = Make(1, [this](kernel::FlowVisitor&, const std::stop_token&) -> Result<void> {
    clock_.Advance(1);
    throw std::bad_alloc();
  });
  EXPECT_EQ(sampler.Latest(Patience()).error().message, "out of memory");
  EXPECT_EQ(sampler.Latest(Patience()).error().message, "out of memory") << "it goes on";
}

TEST_F(FlowSamplerTest, AWalkThatHangsIsNamedAndHidesOldCounts) {
  std::latch released(1);
  std::atomic<bool> hang = false;
  auto sampler = Make(1, [&](kernel::FlowVisitor& visitor, const std::stop_token& stop) {
    if (hang) released.wait();
    return TwoSeconds()(visitor, stop);
  });
  EXPECT_TRUE(sampler.Latest(Patience()).has_value());
  EXPECT_EQ(sampler.UnderWay(), seconds(0));
  hang = true;
  while (sampler.UnderWay() == seconds(0)) {
    clock_.Advance(1);
    EXPECT_TRUE(sampler.Latest(NoTime()).has_value());
  }
  clock_.Advance(120);
  EXPECT_GE(sampler.UnderWay(), FlowSampler::kHangsAfter);
  EXPECT_EQ(sampler.Latest(NoTime()).error().message, "the walk of the table does not finish");
  released.count_down();
}

TEST_F(FlowSamplerTest, EndsInTheMiddleOfAWalk) {
  std::latch walking(1);
  {
    auto sampler =
        Make(1.0, [&](kernel::FlowVisitor&, const std::stop_token& stop) -> Result<void> {
          walking.count_down();
          while (!stop.stop_requested()) std::this_thread::yield();
          return Fail(ErrorKind::kInterrupted, "stopped");
        });
    (void)sampler.Latest(NoTime());
    walking.wait();
  }
  SUCCEED();
}

}  // namespace
}  // namespace conntrack
