// Walks while flows come and go, tens of thousands a second: from either source each lies between
// what was there before and after, and the BPF walk mixes no two flows up.
#include <gmock/gmock.h>

#include <atomic>
#include <iostream>
#include <set>
#include <thread>

#include "tests/live/walked_table.h"

namespace conntrack {
namespace {

using kernel::Flow;
using std::chrono::steady_clock;
using test::FlowRecorder;

constexpr int kLasting = 1000;  // flows that are there all the time, numbered from 1
constexpr int kMost = 12'000;   // flows at once
constexpr int kWalks = 10;      // that were made while flows were only added
constexpr auto kTime = std::chrono::seconds(3);
constexpr auto kPatience = std::chrono::minutes(5);

/// What FillNumbered() gives a flow, in all the places where it does; 0 where they do not agree.
int NumberOf(const Flow& flow) {
  const auto last = [](const kernel::Address& address) { return address[2] << 8 | address[3]; };
  const int number = last(flow.original.source);
  const bool whole =
      flow.original.source_port == 1000 + number && flow.reply.destination_port == 1000 + number &&
      last(flow.reply.destination) == number && flow.original.destination == flow.reply.source &&
      flow.original.destination_port == 80 && flow.reply.source_port == 80;
  return whole ? number : 0;
}

/// Changes the table in another thread, over and over, until it goes.
class Churn {
 public:
  template <class Turn>
  explicit Churn(Turn turn)
      : thread_([this, turn](const std::stop_token& stop) {
          try {
            while (!stop.stop_requested()) turn();
          } catch (const std::exception& error) {
            ADD_FAILURE() << error.what();
          }
          ended = true;
        }) {}

  std::atomic<bool> ended = false;

 private:
  std::jthread thread_;
};

using BpfChurn = test::TableWalkedEachWay;
INSTANTIATE_TEST_SUITE_P(Walks, BpfChurn, test::kEachWay, test::WayName);

TEST_P(BpfChurn, EachWalkLiesBetweenTheCountsBeforeAndAfter) {
  test::FillNumbered(0, kLasting, 3600);
  auto bpf = Bpf(Programs());
  auto bpf_by_two = Bpf(Programs(2));
  auto netlink = Ctnetlink();
  std::atomic<int> made = 0;
  std::atomic<unsigned> phase = 0;  // odd while flows are only added
  const Churn churn([&] {
    ++phase;
    test::FillNumbered(kLasting, kMost - kLasting, 3600);
    made += kMost - kLasting;
    ++phase;
    test::RemoveAll();
    test::FillNumbered(0, kLasting, 3600);
  });
  struct Outcome {
    int walks = 0;
    std::uint64_t most_flows_added = 0;  // during one of them
  };
  const auto walk_among_it = [&](kernel::FlowSource& source) {
    Outcome outcome;
    const auto began = steady_clock::now();
    const auto lasted = [&] { return steady_clock::now() - began; };
    while ((outcome.walks < kWalks || lasted() < kTime) && lasted() < kPatience && !churn.ended) {
      const auto phase_before = phase.load();
      const auto before = Sysctl("nf_conntrack_count");
      const auto seen = Walk(source).size();
      const auto after = Sysctl("nf_conntrack_count");
      if (phase_before % 2 == 0 || phase != phase_before) continue;
      ++outcome.walks;
      outcome.most_flows_added = std::max(outcome.most_flows_added, after - before);
      EXPECT_GE(seen + 1, before) << source.name();  // the last one may be counted, and not yet in
      EXPECT_LE(seen, after) << source.name();
    }
    return outcome;
  };
  const auto began = steady_clock::now();
  for (kernel::FlowSource* source :
       std::initializer_list<kernel::FlowSource*>{&bpf, &bpf_by_two, &netlink}) {
    const auto outcome = walk_among_it(*source);
    EXPECT_GE(outcome.walks, kWalks) << source->name();
    EXPECT_GT(outcome.most_flows_added, 0U) << source->name();
    std::cout << source->name() << ", " << source->threads() << " threads: " << outcome.walks
              << " walks, with up to " << outcome.most_flows_added << " new flows during one\n";
  }
  const auto seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
  std::cout << made / seconds << " new flows a second\n";
}

/// Memory of a flow that goes is that of the next one at once.
TEST_P(BpfChurn, LastingFlowsAreAllThereAndNoTwoAreMixedUp) {
  test::FillNumbered(0, kLasting, 3600);
  auto bpf = Bpf(Programs(2));
  std::atomic<int> made = 0;
  const Churn churn([&] {
    constexpr int kAtOnce = 200;
    const int first = kLasting + made % (kMost - kLasting - kAtOnce);
    test::FillNumbered(first, kAtOnce, 3600);
    test::RemoveNumbered(first, kAtOnce);
    made += kAtOnce;
  });
  int walks = 0;
  const auto began = steady_clock::now();
  for (; steady_clock::now() < began + kTime && !churn.ended; ++walks) {
    const auto torn_before = bpf.errors().torn;
    const auto flows = Walk(bpf);
    const auto torn = bpf.errors().torn - torn_before;
    std::multiset<int> lasting;
    for (const auto& flow : flows) {
      const int number = NumberOf(flow);
      ASSERT_GT(number, 0) << "parts of two flows";
      ASSERT_LE(number, kMost);
      if (number <= kLasting) lasting.insert(number);
    }
    const std::set<int> different(lasting.begin(), lasting.end());
    ASSERT_LE(lasting.size(), kLasting + torn) << "some come twice";
    ASSERT_GE(different.size() + torn, static_cast<std::size_t>(kLasting)) << "some are missing";
  }
  const auto seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
  std::cout << walks << " walks, " << made / seconds << " new flows a second, " << bpf.errors().torn
            << " torn\n";
}

}  // namespace
}  // namespace conntrack
