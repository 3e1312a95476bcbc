#include "kernel/bpf/bpf_flow_source.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <vector>

#include "tests/support/fake_flow_walk_programs.h"
#include "tests/support/fake_netlink_socket.h"
#include "tests/support/flow_recorder.h"
#include "tests/support/temp_tree.h"

namespace conntrack::kernel {
namespace {

using std::chrono::milliseconds;
using test::Answer;
using test::DatagramBuilder;
using test::FakeFlowWalkPrograms;
using test::WalkedFlow;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::uint32_t kTableBuckets = 100'000;
constexpr TableVariables kShown{0xffffffff82c0a2c8, 0xffffffff82c0a2d0};
constexpr TableVariables kElsewhere{0xffffffffc050a2c8, 0xffffffffc050a2d0};

/// A kernel whose table has that flow, and no other.
test::FakeKernel NamespaceWith(const test::FlowSpec& spec, std::uint32_t entries = 1) {
  return [=](const CtnetlinkRequest& request) {
    DatagramBuilder reply(test::kPort, request.sequence());
    if (request.query() == CtnetlinkQuery::kFlows) {
      return Answer{{reply.Message(test::kFlowReply, test::FlowMessage(spec)).Done().bytes()}, {}};
    }
    const auto stat =
        test::NfMessage(0, 0, test::AttributeBuilder().Be32(CTA_STATS_GLOBAL_ENTRIES, entries));
    return Answer{{reply.Message(test::kTableReply, stat).bytes()}, {}};
  };
}

class BpfFlowSourceTest : public testing::Test {
 protected:
  BpfFlowSourceTest() { SetBuckets(kTableBuckets); }

  void SetBuckets(std::uint32_t count) {
    tree_.Sysctl("nf_conntrack_buckets", std::to_string(count));
  }

  BpfFlowSource Source(test::FakeKernel kernel = NamespaceWith({}),
                       NamespaceDetail namespaces = NamespaceDetail::kNone) {
    return {programs_, test::OpenFake(std::move(kernel)), KernelFiles(tree_.root()),
            milliseconds(100), namespaces};
  }

  /// That a change in the middle of a walk makes it begin anew.
  void ExpectNoticed(const std::function<void()>& change) {
    programs_->shown = kShown;
    int runs = 0;
    programs_->before_run = [&](flow_walk_batch&) {
      if (++runs == 6) change();
      return Result<void>{};
    };
    auto source = Source();
    ASSERT_TRUE(source.Walk(recorder_, {}));
    EXPECT_EQ(recorder_.walks, 2);
    EXPECT_EQ(source.errors().interruptions, 1U);
  }

  std::shared_ptr<FakeFlowWalkPrograms> programs_ = std::make_shared<FakeFlowWalkPrograms>();
  test::TempTree tree_;
  test::FlowRecorder recorder_;
};

TEST_F(BpfFlowSourceTest, DeliversTheFlowsOfAllBuckets) {
  programs_->table = {{0, {WalkedFlow()}},
                      {5, {WalkedFlow(17)}},
                      {kTableBuckets - 1, {WalkedFlow(), WalkedFlow()}}};
  auto source = Source();
  ASSERT_TRUE(source.Walk(recorder_, {}));
  ASSERT_EQ(recorder_.flows.size(), 4U);
  EXPECT_EQ(recorder_.flows[1].protocol, 17);
  const auto table = source.table();
  ASSERT_TRUE(table);
  EXPECT_THAT(table->chains, ElementsAre(kTableBuckets - 3, 2, 1, 0, 0));
  EXPECT_EQ(table->tuples, 4U);
  EXPECT_EQ(table->longest, 2U);
}

TEST_F(BpfFlowSourceTest, ThreadsShareTheBucketsAndLoseNone) {
  programs_ = std::make_shared<FakeFlowWalkPrograms>(4);
  for (std::uint32_t bucket = 0; bucket < kTableBuckets; bucket += 10) {
    programs_->table[bucket] = {WalkedFlow()};
  }
  auto source = Source();
  EXPECT_EQ(source.threads(), 4U);
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(recorder_.flows.size(), kTableBuckets / 10);
  EXPECT_EQ(source.table()->tuples, kTableBuckets / 10);
}

TEST_F(BpfFlowSourceTest, TheSameFlowIsLookedUpBeforeAndAfterEachWalk) {
  int dumps = 0;
  auto source = Source([&, kernel = NamespaceWith({})](const CtnetlinkRequest& request) {
    dumps += request.query() == CtnetlinkQuery::kFlows ? 1 : 0;
    return kernel(request);
  });
  ASSERT_TRUE(source.Walk(recorder_, {}));
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(programs_->searches, 4);
  EXPECT_EQ(dumps, 1);
}

TEST_F(BpfFlowSourceTest, AFlowThatIsGoneIsReplacedByAnother) {
  auto source = Source();
  ASSERT_TRUE(source.Walk(recorder_, {}));
  programs_->find = [this]() -> Result<FlowLocation> {
    const bool gone = programs_->searches == 3 || programs_->searches == 4;
    if (gone) return Fail(ErrorKind::kInterrupted, "it is gone");
    return FlowLocation{FakeFlowWalkPrograms::kTable, 5};
  };
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(source.errors().interruptions, 0U);
}

TEST_F(BpfFlowSourceTest, WhereThereIsNoFlowAnyMoreTheTableIsWhereItWas) {
  bool empty = false;
  auto source = Source(
      [&, full = NamespaceWith({}), none = NamespaceWith({}, 0)](const CtnetlinkRequest& request) {
        return empty ? none(request) : full(request);
      });
  ASSERT_TRUE(source.Walk(recorder_, {}));
  empty = true;
  programs_->find = []() -> Result<FlowLocation> {
    return Fail(ErrorKind::kInterrupted, "it is gone");
  };
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_TRUE(source.table());

  // Unless it was replaced meanwhile.
  SetBuckets(2 * kTableBuckets);
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_FALSE(source.table());
}

TEST_F(BpfFlowSourceTest, WhereManyFlowsComeAndGoOneOfAMessageIsThereStill) {
  int dumps = 0;
  const auto kernel = [&](const CtnetlinkRequest& request) {
    if (request.query() != CtnetlinkQuery::kFlows) return NamespaceWith({})(request);
    ++dumps;
    DatagramBuilder reply(test::kPort, request.sequence());
    for (int i = 0; i < 12; ++i) reply.Message(test::kFlowReply, test::FlowMessage({}));
    return Answer{{reply.Done().bytes()}, {}};
  };
  programs_->find = [this]() -> Result<FlowLocation> {
    if (programs_->searches < 10) return Fail(ErrorKind::kInterrupted, "it is gone");
    return FlowLocation{FakeFlowWalkPrograms::kTable, 5};
  };
  auto source = Source(kernel);
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(dumps, 1);
  EXPECT_TRUE(source.table());
}

TEST_F(BpfFlowSourceTest, ATableThatIsReplacedByOneOfItsSizeIsNoticed) {
  programs_->find = [this] {
    // After the first walk it is elsewhere.
    const std::uint64_t moved = programs_->searches > 1 ? 0x100000 : 0;
    return FlowLocation{FakeFlowWalkPrograms::kTable + moved, 5};
  };
  auto source = Source();
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(recorder_.walks, 2);
  EXPECT_EQ(source.errors().interruptions, 1U);
}

TEST_F(BpfFlowSourceTest, AFlowThatAResizeHidesForAMomentIsLookedUpAgain) {
  int dumps = 0;
  auto source = Source([&, kernel = NamespaceWith({})](const CtnetlinkRequest& request) {
    dumps += request.query() == CtnetlinkQuery::kFlows ? 1 : 0;
    return kernel(request);
  });
  programs_->find = [this]() -> Result<FlowLocation> {
    if (programs_->searches % 2 == 0) return Fail(ErrorKind::kInterrupted, "it is hidden");
    return FlowLocation{FakeFlowWalkPrograms::kTable, 5};
  };
  ASSERT_TRUE(source.Walk(recorder_, {}));
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(dumps, 1);
}

TEST_F(BpfFlowSourceTest, AGenerationThatChangesUnderTheWalkIsNoticed) {
  ExpectNoticed([this] { programs_->generation += 2; });
}

TEST_F(BpfFlowSourceTest, TheEndOfAResizeIsWaitedFor) {
  programs_->shown = kShown;
  programs_->generation = 3;
  int runs = 0;
  programs_->before_run = [&](flow_walk_batch& batch) {
    EXPECT_TRUE(programs_->generation % 2 == 0 || batch.end == 0) << "read under a resize";
    if (++runs == 10) ++programs_->generation;
    return Result<void>{};
  };
  auto source = Source();
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(source.errors().interruptions, 0U);
}

TEST_F(BpfFlowSourceTest, AResizeWithoutEndIsNotWaitedFor) {
  programs_->shown = kShown;
  programs_->generation = 3;
  EXPECT_EQ(Source().Walk(recorder_, {}).error().kind, ErrorKind::kInterrupted);
}

TEST_F(BpfFlowSourceTest, AModuleThatIsLoadedElsewhereIsFollowed) {
  programs_->shown = kShown;
  programs_->before_run = [](flow_walk_batch& batch) {
    EXPECT_EQ(batch.table_symbol, kShown.hash);
    return Result<void>{};
  };
  auto source = Source();
  ASSERT_TRUE(source.Walk(recorder_, {}));
  programs_->shown = kElsewhere;
  programs_->before_run = [](flow_walk_batch& batch) {
    EXPECT_EQ(batch.table_symbol, kElsewhere.hash);
    EXPECT_EQ(batch.generation_symbol, kElsewhere.generation);
    return Result<void>{};
  };
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(source.errors().interruptions, 0U);
}

TEST_F(BpfFlowSourceTest, AModuleThatIsLoadedElsewhereUnderTheWalkIsNoticed) {
  ExpectNoticed([this] { programs_->shown = kElsewhere; });
}

TEST_F(BpfFlowSourceTest, VariablesThatLeadToNoTableAreForgotten) {
  programs_->shown = kShown;
  programs_->before_run = [](flow_walk_batch& batch) {
    if (batch.table_symbol == kShown.hash) batch.torn_chains += batch.end - batch.bucket;
    return Result<void>{};
  };
  programs_->forget = [this] { programs_->shown = kElsewhere; };
  auto source = Source();
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(source.errors().interruptions, 1U);
}

TEST_F(BpfFlowSourceTest, AGenerationThatStaysOddIsNotThatOfTheTable) {
  programs_->shown = kShown;
  programs_->generation = 3;
  programs_->forget = [this] { programs_->generation = 2; };
  auto source = Source();
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(source.errors().interruptions, 1U);
}

TEST_F(BpfFlowSourceTest, ATableThatCannotBeLocatedIsNamedEvenIfThereAreNoFlows) {
  programs_->shown = Fail(ErrorKind::kDenied, "hidden", "give CAP_SYSLOG");
  const auto walked = Source(NamespaceWith({}, 0)).Walk(recorder_, {});
  ASSERT_FALSE(walked);
  EXPECT_EQ(walked.error(), programs_->shown.error());
}

TEST_F(BpfFlowSourceTest, WhereTheKernelShowsTheTableNothingIsLookedUp) {
  programs_->shown = kShown;
  auto source = Source([](const CtnetlinkRequest& request) {
    return Answer{{DatagramBuilder(test::kPort, request.sequence()).Error(-EPERM).bytes()}, {}};
  });
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(programs_->searches, 0);
  EXPECT_EQ(programs_->batch(0).table_symbol, kShown.hash);
  EXPECT_EQ(programs_->batch(0).generation_symbol, kShown.generation);
}

TEST_F(BpfFlowSourceTest, AnEmptyNamespaceIsNoErrorEvenIfItHasFlowsAMomentLater) {
  tree_.Sysctl("nf_conntrack_count", "1");
  auto source = Source(NamespaceWith({}, 0));
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_TRUE(recorder_.flows.empty());
  EXPECT_FALSE(source.table());
}

TEST_F(BpfFlowSourceTest, AFlowToLookUpHasPortsAndNoZone) {
  for (const auto& spec : {test::FlowSpec{.protocol = 1}, test::FlowSpec{.zone = 3}}) {
    const auto walked = Source(NamespaceWith(spec)).Walk(recorder_, {});
    ASSERT_FALSE(walked);
    EXPECT_EQ(walked.error().kind, ErrorKind::kAbsent);
    EXPECT_THAT(walked.error().message, HasSubstr("a TCP or UDP flow in zone 0"));
  }
  EXPECT_EQ(programs_->searches, 0);
}

TEST_F(BpfFlowSourceTest, MemoryThatIsNoTableIsNotBelieved) {
  programs_->before_run = [](flow_walk_batch& batch) {
    batch.torn_chains += batch.end - batch.bucket;
    return Result<void>{};
  };
  auto source = Source();
  const auto walked = source.Walk(recorder_, {});
  ASSERT_FALSE(walked);
  EXPECT_EQ(walked.error().kind, ErrorKind::kInterrupted);
  EXPECT_THAT(walked.error().message, HasSubstr("no table of flows"));
  EXPECT_THAT(walked.error().remedy, HasSubstr("tries again"));
  EXPECT_EQ(recorder_.walks, 3);
  EXPECT_TRUE(recorder_.flows.empty());
}

TEST_F(BpfFlowSourceTest, MemoryThatIsNoTableMayBelongToOneThatIsGone) {
  programs_->table = {{7, {WalkedFlow()}}};
  int runs = 0;
  programs_->before_run = [&](flow_walk_batch& batch) {
    if (++runs < 5) batch.torn_chains += 2;
    return Result<void>{};
  };
  auto source = Source();
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(recorder_.flows.size(), 1U);
  EXPECT_EQ(source.errors().interruptions, 2U);
}

TEST_F(BpfFlowSourceTest, ABucketBeyondTheTableIsNotBelieved) {
  programs_->find = [] { return FlowLocation{FakeFlowWalkPrograms::kTable, kTableBuckets}; };
  EXPECT_EQ(Source().Walk(recorder_, {}).error().kind, ErrorKind::kInterrupted);
  EXPECT_TRUE(recorder_.flows.empty());
}

TEST_F(BpfFlowSourceTest, ABucketBeyondTheTableMayBeOfALargerOne) {
  programs_->find = [this] {
    if (programs_->searches > 1) SetBuckets(2 * kTableBuckets);
    return FlowLocation{FakeFlowWalkPrograms::kTable, kTableBuckets};
  };
  auto source = Source();
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(source.errors().interruptions, 1U);
}

TEST_F(BpfFlowSourceTest, AResizeUnderTheWalkIsNoticedAtOnceAndTheTableFoundAnew) {
  programs_->table = {{7, {WalkedFlow()}}};
  int runs = 0;
  std::vector<std::uint32_t> read;
  programs_->before_run = [&](flow_walk_batch& batch) {
    if (batch.own_net != 0) read.push_back(batch.bucket);
    if (++runs == 6) SetBuckets(2 * kTableBuckets);
    return Result<void>{};
  };
  auto source = Source();
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(recorder_.walks, 2);
  EXPECT_EQ(recorder_.flows.size(), 1U);
  EXPECT_EQ(source.errors().interruptions, 1U);
  EXPECT_EQ(source.table()->chains[0], 2 * kTableBuckets - 1);
  // One more run of the old table at most, after that in which it happened.
  const auto again = std::find(read.begin() + 1, read.end(), 0U) - read.begin();
  EXPECT_LE(again, 3);
}

TEST_F(BpfFlowSourceTest, ATableThatIsReplacedTwiceUnderTheWalkIsNoticed) {
  int runs = 0;
  programs_->before_run = [&](flow_walk_batch&) {
    if (++runs == 5) SetBuckets(2 * kTableBuckets);
    return Result<void>{};
  };
  programs_->find = [this] {
    if (programs_->searches == 2) SetBuckets(kTableBuckets);  // where the first one was
    return FlowLocation{FakeFlowWalkPrograms::kTable, 5};
  };
  auto source = Source();
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(recorder_.walks, 2);
  EXPECT_EQ(source.errors().interruptions, 1U);
}

TEST_F(BpfFlowSourceTest, AModuleThatIsUnloadedUnderTheWalkIsAbsent) {
  programs_->shown = kShown;
  int runs = 0;
  programs_->before_run = [&](flow_walk_batch&) {
    if (++runs == 6)
      std::filesystem::remove(tree_.root() / "sys/net/netfilter/nf_conntrack_buckets");
    return Result<void>{};
  };
  EXPECT_EQ(Source().Walk(recorder_, {}).error().kind, ErrorKind::kAbsent);
}

TEST_F(BpfFlowSourceTest, ATableThatIsGoneUnderTheWalkIsNoticed) {
  int runs = 0;
  programs_->before_run = [&](flow_walk_batch& batch) {
    if (++runs == 5) batch.torn_chains += 1000;
    return Result<void>{};
  };
  auto source = Source();
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(recorder_.walks, 2);
  EXPECT_EQ(source.errors().interruptions, 1U);
  EXPECT_EQ(source.errors().torn, 0U);
}

TEST_F(BpfFlowSourceTest, TornReadsAreCounted) {
  programs_->before_run = [](flow_walk_batch& batch) {
    if (batch.bucket == 0 && batch.end > 64) {
      batch.torn_chains = 2;
      batch.torn_flows = 3;
      batch.expired = 4;
    }
    return Result<void>{};
  };
  auto source = Source();
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(source.errors().torn, 5U);
  EXPECT_EQ(source.table()->expired, 4U);
}

TEST_F(BpfFlowSourceTest, AnEndlessChainIsLeftToTheDump) {
  programs_->before_run = [](flow_walk_batch& batch) {
    batch.endless_chains = 1;
    return Result<void>{};
  };
  const auto walked = Source().Walk(recorder_, {});
  ASSERT_FALSE(walked);
  EXPECT_EQ(walked.error().kind, ErrorKind::kHeldBack);
  EXPECT_THAT(walked.error().remedy, HasSubstr("nf_conntrack_buckets"));
}

TEST_F(BpfFlowSourceTest, AnEndlessChainOfATableThatIsGoneIsNone) {
  programs_->before_run = [this](flow_walk_batch& batch) {
    if (batch.own_net != 0 && programs_->searches == 1) batch.endless_chains = 1;
    return Result<void>{};
  };
  programs_->find = [this] {
    const std::uint64_t moved = programs_->searches > 1 ? 4096 : 0;
    return FlowLocation{FakeFlowWalkPrograms::kTable + moved, 5};
  };
  auto source = Source();
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_EQ(source.errors().interruptions, 1U);
}

TEST_F(BpfFlowSourceTest, NamespacesAreSummedUpOverThreads) {
  programs_ = std::make_shared<FakeFlowWalkPrograms>(2);
  programs_->table = {{0, {WalkedFlow()}}, {1, {WalkedFlow()}}};
  programs_->before_run = [](flow_walk_batch& batch) {
    EXPECT_TRUE(batch.own_net == 0 || batch.others == FLOW_WALK_COUNT);
    batch.namespaces[3] = {0xffff888200000000, 4026532177, 0, 10};
    batch.elsewhere = 1;
    return Result<void>{};
  };
  auto source = Source(NamespaceWith({}), NamespaceDetail::kFlows);
  ASSERT_TRUE(source.Walk(recorder_, {}));
  const auto table = source.table().value();
  ASSERT_EQ(table.namespaces.size(), 3U);
  const auto& beyond = table.namespaces[0];  // of each thread that ran
  EXPECT_EQ(beyond.inode, 0U);
  EXPECT_GT(beyond.flows, 0U);
  EXPECT_EQ(table.namespaces[1], (NamespaceFlows{4026531840, 2}));
  EXPECT_EQ(table.namespaces[2], (NamespaceFlows{4026532177, 10 * beyond.flows}));
}

TEST_F(BpfFlowSourceTest, FlowsOfOtherNamespacesAreCountedByStateAndNotDelivered) {
  auto there = WalkedFlow();
  there.slot = 1 + 3;
  auto slotless = WalkedFlow(17);
  slotless.slot = 1 + FLOW_WALK_NAMESPACES;
  auto untracked = WalkedFlow(253);
  untracked.slot = 1 + 3;
  programs_->table = {{0, {WalkedFlow(), there, untracked}}, {1, {there, slotless}}};
  programs_->before_run = [](flow_walk_batch& batch) {
    EXPECT_TRUE(batch.own_net == 0 || batch.others == FLOW_WALK_COUNT_AND_DELIVER);
    batch.namespaces[3] = {0xffff888200000000, 4026532177, 0, 3};
    batch.elsewhere = 1;
    return Result<void>{};
  };
  auto source = Source(NamespaceWith({}), NamespaceDetail::kStates);
  ASSERT_TRUE(source.Walk(recorder_, {}));
  EXPECT_THAT(recorder_.flows, SizeIs(1));
  // ESTABLISHED, and what is ASSURED.
  EXPECT_THAT(source.table()->namespaces,
              ElementsAre(NamespaceFlows{0, 1, {{17, {0, 0, 1}}}},
                          NamespaceFlows{4026531840, 1, {{6, {0, 0, 0, 1}}}},
                          NamespaceFlows{4026532177, 3, {{6, {0, 0, 0, 2}}, {255, {0, 0, 1}}}}));
}

TEST_F(BpfFlowSourceTest, AFailedRunIsTheWalksError) {
  programs_->before_run = [](flow_walk_batch& batch) -> Result<void> {
    if (batch.own_net == 0) return {};
    return Fail(ErrorFromErrno(EPERM, "walking the table with BPF"));
  };
  EXPECT_EQ(Source().Walk(recorder_, {}).error().kind, ErrorKind::kDenied);
}

TEST_F(BpfFlowSourceTest, StopsEarlyWhereItIsAsked) {
  std::stop_source stop;
  int runs = 0;
  programs_->before_run = [&](flow_walk_batch& batch) {
    if (batch.own_net != 0) {
      ++runs;
      stop.request_stop();
    }
    return Result<void>{};
  };
  auto source = Source();
  EXPECT_FALSE(source.Walk(recorder_, stop.get_token()));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(source.errors().interruptions, 0U);
}

TEST_F(BpfFlowSourceTest, WithoutATableThereIsNoWalkUntilItIsThere) {
  std::filesystem::remove(tree_.root() / "sys/net/netfilter/nf_conntrack_buckets");
  programs_->shown = Fail(ErrorKind::kDenied, "asked although there is nothing to find");
  auto source = Source([](const CtnetlinkRequest&) -> Answer {
    ADD_FAILURE() << "dumped";
    return {};
  });
  EXPECT_EQ(source.Walk(recorder_, {}).error().kind, ErrorKind::kAbsent);
  SetBuckets(kTableBuckets);
  programs_->shown = kShown;
  EXPECT_TRUE(source.Walk(recorder_, {}));
}

}  // namespace
}  // namespace conntrack::kernel
