// The BPF walk against the kernel's own dump, flow by flow, on the same quiet table.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <thread>

#include "kernel/unique_fd.h"
#include "tests/live/walked_table.h"

namespace conntrack {
namespace {

using kernel::HashTableStats;
using kernel::NamespaceDetail;
using std::chrono::steady_clock;
using test::BucketsOf;

using BpfOracle = test::TableWalkedEachWay;
INSTANTIATE_TEST_SUITE_P(Walks, BpfOracle, test::kEachWay, test::WayName);

std::optional<std::uint64_t> FlowsOf(const HashTableStats& table, std::uint32_t inode) {
  for (const auto& one : table.namespaces) {
    if (one.inode == inode) return one.flows;
  }
  return std::nullopt;
}

std::uint32_t OwnInode() {
  struct stat found {};
  EXPECT_EQ(::stat("/proc/thread-self/ns/net", &found), 0);
  return static_cast<std::uint32_t>(found.st_ino);
}

/// A network namespace of its own, and what is done in it. It lasts as long as this.
class OtherNamespace {
 public:
  template <class Action>
  explicit OtherNamespace(Action action) {
    std::thread([&] {
      ASSERT_EQ(::unshare(CLONE_NEWNET), 0);
      fd_ = kernel::UniqueFd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
      inode_ = OwnInode();
      action();
    }).join();
  }

  [[nodiscard]] std::uint32_t inode() const { return inode_; }

 private:
  kernel::UniqueFd fd_;
  std::uint32_t inode_ = 0;
};

TEST_P(BpfOracle, EveryFlowIsDeliveredAsTheDumpDeliversIt) {
  const auto flows = static_cast<std::size_t>(test::FillVariedTable());
  for (const unsigned threads : {1U, 3U}) {
    SCOPED_TRACE(threads);
    auto bpf = Bpf(Programs(threads));
    const auto walked = WalkAsDumped(bpf, flows);
    EXPECT_EQ(bpf.errors().torn, 0U);
    EXPECT_EQ(bpf.threads(), threads);
    std::uint32_t status = 0;
    for (const auto& flow : walked) status |= flow.status;
    EXPECT_NE(status & IPS_SRC_NAT, 0U);
    EXPECT_NE(status & IPS_DST_NAT, 0U);
    EXPECT_NE(status & IPS_HELPER, 0U);
  }
}

TEST_P(BpfOracle, TheTableAddsUp) {
  test::FillNumbered(0, 3000, 600);
  auto bpf = Bpf(Programs(3), NamespaceDetail::kFlows);
  HashTableStats table;
  std::uint64_t flows = 0;
  // Entries of other namespaces may go while they are walked: a flow is counted at its original
  // tuple, and a flush may take the reply's first. Walk again until few do.
  const auto end = steady_clock::now() + std::chrono::minutes(1);
  do {
    ASSERT_EQ(Walk(bpf).size(), 3000U);
    table = bpf.table().value();
    flows = 0;
    for (const auto& one : table.namespaces) flows += one.flows;
    EXPECT_GE(table.tuples, flows + 3000);
  } while (table.tuples + table.tuples / 10 < 2 * flows && steady_clock::now() < end);
  EXPECT_GE(table.tuples + table.tuples / 10, 2 * flows);
  EXPECT_EQ(BucketsOf(table), Sysctl("nf_conntrack_buckets"));
  EXPECT_EQ(FlowsOf(table, OwnInode()), 3000U);
  EXPECT_GE(table.longest, 1U);
  // No chain is longer than the longest, which some are; shorter ones hold the rest.
  EXPECT_EQ(table.longer_chains > 0, table.longest > HashTableStats::kLengths.back());
  std::uint64_t most = table.longer_chains * table.longest;
  for (std::size_t i = 0; i < table.chains.size(); ++i) {
    most += table.chains[i] * HashTableStats::kLengths.at(i);
  }
  EXPECT_LE(table.tuples, most);
}

TEST_P(BpfOracle, FlowsOfOtherNamespacesAreCountedAndNotDelivered) {
  test::FillNumbered(0, 20, 600);
  const OtherNamespace few([] { test::FillNumbered(100, 300, 600); });
  const OtherNamespace more([] { test::FillNumbered(1000, 2000, 600); });
  const OtherNamespace none([] {});
  for (const unsigned threads : {1U, 3U}) {
    auto bpf = Bpf(Programs(threads), NamespaceDetail::kFlows);
    EXPECT_EQ(Walk(bpf).size(), 20U);
    const auto table = bpf.table().value();
    EXPECT_EQ(FlowsOf(table, OwnInode()), 20U);
    EXPECT_EQ(FlowsOf(table, few.inode()), 300U);
    EXPECT_EQ(FlowsOf(table, more.inode()), 2000U);
    EXPECT_EQ(FlowsOf(table, none.inode()), std::nullopt);
    EXPECT_EQ(FlowsOf(table, 0), std::nullopt);
    for (const auto& one : table.namespaces) EXPECT_THAT(one.by_state, testing::IsEmpty());
  }
  auto unasked = Bpf(Programs());
  Walk(unasked);
  EXPECT_THAT(unasked.table()->namespaces, testing::IsEmpty());
}

/// As the walks count them, from the kernel's own dump of the calling thread's namespace.
kernel::FlowsByState Dumped(kernel::FlowSource& dump) {
  test::FlowRecorder seen;
  EXPECT_TRUE(dump.Walk(seen, {}));
  kernel::FlowsByState counts;
  for (const auto& flow : seen.flows) {
    const std::uint8_t other = IPPROTO_RAW;
    ++counts[kernel::IsTracked(flow.protocol) ? flow.protocol : other][kernel::StateIndex(flow)];
  }
  return counts;
}

TEST_P(BpfOracle, FlowsOfOtherNamespacesAreCountedByStateAsTheyAreDumpedThere) {
  test::FillNumbered(0, 20, 600);
  kernel::FlowsByState expected;
  int filled = 0;
  const OtherNamespace varied([&] {
    filled = test::FillVariedTable();
    auto dump = Ctnetlink();
    expected = Dumped(dump);
  });
  ASSERT_GT(expected.size(), 2U);
  auto dump = Ctnetlink();
  const auto expected_here = Dumped(dump);
  for (const unsigned threads : {1U, 3U}) {
    auto bpf = Bpf(Programs(threads), NamespaceDetail::kStates);
    EXPECT_EQ(Walk(bpf).size(), 20U);  // and none of the others
    const auto table = bpf.table().value();
    EXPECT_EQ(FlowsOf(table, varied.inode()), static_cast<std::uint64_t>(filled));
    for (const auto& one : table.namespaces) {
      std::uint64_t sum = 0;
      for (const auto& [protocol, states] : one.by_state) {
        for (const auto count : states) sum += count;
      }
      EXPECT_EQ(sum, one.flows) << one.inode;
      if (one.inode == varied.inode()) {
        EXPECT_EQ(one.by_state, expected);
      } else if (one.inode == OwnInode()) {
        EXPECT_EQ(one.by_state, expected_here);
      }
    }
  }
}

TEST_P(BpfOracle, TheNamespaceIsThatOfTheThreadThatWalks) {
  test::FillNumbered(0, 20, 600);
  auto bpf = Bpf(Programs());
  EXPECT_EQ(Walk(bpf).size(), 20U);
  const OtherNamespace other([&] {
    test::FillNumbered(0, 30, 600);
    EXPECT_EQ(Walk(bpf).size(), 30U);
  });
  const OtherNamespace empty([&] { EXPECT_EQ(Walk(bpf).size(), 0U); });
}

TEST_P(BpfOracle, AnEmptyNamespaceIsNoError) {
  auto bpf = Bpf(Programs(), NamespaceDetail::kFlows);
  EXPECT_THAT(Walk(bpf), testing::IsEmpty());
  test::FillNumbered(0, 5, 600);
  EXPECT_EQ(Walk(bpf).size(), 5U);  // which is found once there is something to find it by
  test::RemoveAll();
  EXPECT_THAT(Walk(bpf), testing::IsEmpty());
  EXPECT_EQ(BucketsOf(bpf.table().value()), Sysctl("nf_conntrack_buckets"));
}

TEST_P(BpfOracle, ExpiredEntriesAreNotDeliveredAndCountedApart) {
  constexpr int kStaying = 50;
  constexpr int kBrief = 2000;
  test::FillNumbered(0, kStaying, 600);
  auto bpf = Bpf(Programs());
  ASSERT_EQ(Walk(bpf).size(), static_cast<std::size_t>(kStaying));
  // The kernel removes them when it comes to it, and so does a dump of any namespace, of which
  // other tests may make many just now: look as soon as some have expired, and if need be once
  // more.
  std::uint64_t seen = 0;
  const auto end = steady_clock::now() + std::chrono::minutes(5);
  while (seen == 0 && steady_clock::now() < end) {
    test::FillNumbered(kStaying, kBrief, 1);
    const auto all_expired = steady_clock::now() + std::chrono::milliseconds(1200);
    do {
      const auto before = Sysctl("nf_conntrack_count");
      const auto walked = Walk(bpf).size();
      const auto after = Sysctl("nf_conntrack_count");
      ASSERT_GE(walked, static_cast<std::size_t>(kStaying));
      if (before != after) continue;
      seen = bpf.table()->expired;
      EXPECT_EQ(walked + seen, before);
    } while (seen == 0 && steady_clock::now() < all_expired);
    std::this_thread::sleep_until(all_expired);
    EXPECT_EQ(Walk(bpf).size(), static_cast<std::size_t>(kStaying));
  }
  EXPECT_GT(seen, 0U) << "all expired entries were always removed at once, for minutes";
  // The dump shows none of them either, and removes what it meets.
  auto netlink = Ctnetlink();
  EXPECT_EQ(Walk(netlink).size(), static_cast<std::size_t>(kStaying));
}

}  // namespace
}  // namespace conntrack
