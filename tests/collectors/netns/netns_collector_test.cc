#include "collectors/netns/netns_collector.h"

#include <gmock/gmock.h>

#include <cerrno>

#include "tests/support/fake_flow_source.h"
#include "tests/support/fake_netlink_socket.h"
#include "tests/support/families.h"
#include "tests/support/process_tree.h"

namespace conntrack {
namespace {

using kernel::KernelFiles;
using test::FindFamily;
using test::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* kEntries = "conntrack_netns_entries";
constexpr const char* kFlows = "conntrack_netns_flows";
constexpr const char* kByState = "conntrack_netns_flows_by_state";
constexpr const char* kDrops = "conntrack_netns_drop_total";

const Error kNoWalk{ErrorKind::kDenied, 1, "no walk", "give CAP_BPF"};

class NetnsCollectorTest : public testing::Test {
 protected:
  NetnsCollectorTest() { tree.Process(1, 100, "systemd"); }

  /// The door to namespaces that are bound in the tree: nobody may go in.
  static kernel::NamespaceEntry Door() {
    return {[](const std::filesystem::path& path) -> Result<std::uint64_t> {
              const auto number = KernelFiles("/").ReadNumber(path.string());
              if (!number) return Fail(number.error());
              return static_cast<std::uint64_t>(*number);
            },
            [](const std::filesystem::path& path, const std::function<void()>&) -> Result<void> {
              auto error = ErrorFromErrno(EPERM, "entering " + path.string());
              error.remedy = "give CAP_SYS_ADMIN";
              return Fail(error);
            }};
  }

  [[nodiscard]] NetnsCollector Make(std::size_t max = 64,
                                    Result<std::shared_ptr<FlowSampler>> sampler = Fail(kNoWalk),
                                    bool composition = false) const {
    return {{KernelFiles(tree.proc()), KernelFiles(tree.root()), KernelFiles(tree.root()),
             test::RefusingKernel()},
            {max, composition},
            std::move(sampler),
            Door()};
  }

  /// A sampler whose walks end so, by a source that says this of itself.
  static std::shared_ptr<FlowSampler> Walks(test::SourceReport report, Result<void> end = {}) {
    return std::make_shared<FlowSampler>(
        std::make_unique<test::FakeFlowSource>(
            [end](kernel::FlowVisitor&, const std::stop_token&) { return end; }, std::move(report)),
        1.0);
  }

  /// Of a walk that found so many flows in each namespace, by inode.
  static std::shared_ptr<FlowSampler> Found(std::vector<kernel::NamespaceFlows> namespaces) {
    kernel::HashTableStats table;
    table.namespaces = std::move(namespaces);
    return Walks({.name = "bpf", .table = std::move(table)});
  }

  static std::vector<Family> Collect(NetnsCollector& collector) {
    return collector.Collect(test::Patient()).value().families;
  }

  static std::vector<std::string> NetnsOf(const std::vector<Family>& families) {
    std::vector<std::string> names;
    for (const auto& sample : FindFamily(families, kEntries)->samples) {
      names.push_back(sample.labels[0].value);
    }
    return names;
  }

  test::ProcessTree tree;
};

TEST_F(NetnsCollectorTest, EachNamespaceHasItsOwnFigures) {
  tree.Process(7, 200, "nginx").Stat(100, {.entries = 5, .drop = 1});
  tree.Stat(200, {.entries = 70'000, .drop = 2, .early_drop = 3});
  auto collector = Make();
  const auto families = Collect(collector);
  EXPECT_EQ(ValueOf(families, kEntries, {{"netns", "host"}}), 5);
  EXPECT_EQ(ValueOf(families, kEntries, {{"netns", "nginx"}}), 70'000);
  EXPECT_EQ(ValueOf(families, kEntries, {{"netns", "other"}}), 0);
  EXPECT_EQ(ValueOf(families, kDrops, {{"netns", "host"}}), 1);
  EXPECT_EQ(ValueOf(families, kDrops, {{"netns", "nginx"}}), 2);
  EXPECT_EQ(ValueOf(families, "conntrack_netns_early_drop_total", {{"netns", "nginx"}}), 3);
  EXPECT_EQ(ValueOf(families, "conntrack_netns_info",
                    {{"netns", "nginx"}, {"inode", "200"}, {"kind", "process"}}),
            1);
  EXPECT_EQ(ValueOf(families, "conntrack_netns_namespaces"), 2);
  EXPECT_EQ(ValueOf(families, "conntrack_netns_unreadable"), 0);
}

TEST_F(NetnsCollectorTest, FlowsOfEachNamespaceAreThoseOfTheWalk) {
  tree.Process(7, 200, "nginx").Process(8, 300, "idle");
  auto collector = Make(64, Found({{100, 5}, {200, 70'000}}));
  const auto families = Collect(collector);
  EXPECT_EQ(ValueOf(families, kFlows, {{"netns", "host"}}), 5);
  EXPECT_EQ(ValueOf(families, kFlows, {{"netns", "nginx"}}), 70'000);
  EXPECT_EQ(ValueOf(families, kFlows, {{"netns", "idle"}}), 0);
  EXPECT_EQ(ValueOf(families, kFlows, {{"netns", "other"}}), 0);
}

TEST_F(NetnsCollectorTest, FlowsThatAreNobodysSeriesAreOther) {
  tree.Process(7, 200, "a").Process(8, 300, "b").Foreign(9, 400);
  tree.Stat(200, {.entries = 10}).Stat(300, {.entries = 40}).Stat(400, {.entries = 30});
  const test::AsOrdinaryUser ordinary;
  // 300 is b, which has a series; 200 has none any more, 400 may not be known, 500 is gone.
  auto collector = Make(3, Found({{100, 1}, {200, 10}, {300, 40}, {400, 30}, {500, 7}, {0, 2}}));
  const auto families = Collect(collector);
  EXPECT_EQ(ValueOf(families, kFlows, {{"netns", "host"}}), 1);
  EXPECT_EQ(ValueOf(families, kFlows, {{"netns", "b"}}), 40);
  EXPECT_EQ(ValueOf(families, kFlows, {{"netns", "other"}}), 10 + 30 + 7 + 2);
  EXPECT_EQ(FindFamily(families, kFlows)->samples.size(), 3U);
}

TEST_F(NetnsCollectorTest, WithCompositionEachFlowIsInOneStateOfOneProtocol) {
  tree.Process(7, 200, "a").Process(8, 300, "b");
  tree.Stat(200, {.entries = 40}).Stat(300, {.entries = 10});
  auto collector = Make(2,
                        Found({{0, 1, {{17, {1}}}},
                               {100, 5, {{17, {2, 3}}}},
                               {200, 9, {{6, {0, 4, 0, 3}}, {255, {0, 0, 2}}}},
                               {300, 6, {{17, {1, 2}}, {1, {3}}}}}),
                        true);
  const auto families = Collect(collector);
  const auto of = [&](const char* netns, const char* protocol, const char* state) {
    return ValueOf(families, kByState,
                   {{"netns", netns}, {"protocol", protocol}, {"flow_state", state}});
  };
  EXPECT_EQ(of("host", "udp", "UNREPLIED"), 2);
  EXPECT_EQ(of("host", "udp", "REPLIED"), 3);
  EXPECT_EQ(of("host", "udp", "ASSURED"), 0);
  EXPECT_EQ(of("a", "tcp", "SYN_SENT"), 4);
  EXPECT_EQ(of("a", "tcp", "ESTABLISHED"), 3);
  EXPECT_EQ(of("a", "other", "ASSURED"), 2);
  EXPECT_EQ(of("other", "udp", "UNREPLIED"), 1 + 1);
  EXPECT_EQ(of("other", "udp", "REPLIED"), 2);
  EXPECT_EQ(of("other", "icmp", "UNREPLIED"), 3);
  EXPECT_THAT(FindFamily(families, kByState)->samples, SizeIs(3 + (12 + 3) + (3 + 3)));
  for (const auto& [netns, flows] : {std::pair("host", 5), {"a", 9}, {"other", 7}}) {
    EXPECT_EQ(ValueOf(families, kFlows, {{"netns", netns}}), flows);
  }
}

TEST_F(NetnsCollectorTest, CompositionThatCannotBeHadIsLeftOutAndTheReasonIsSaid) {
  auto collector = Make(64, Fail(kNoWalk), true);
  const auto collection = collector.Collect(test::Patient());
  EXPECT_EQ(FindFamily(collection->families, kByState), nullptr);
  ASSERT_THAT(collection->omissions, SizeIs(1));
  EXPECT_THAT(collection->omissions[0].part, HasSubstr(kByState));
  EXPECT_EQ(collection->omissions[0].reason, kNoWalk);
}

TEST_F(NetnsCollectorTest, CompositionThatHasNoFlowToFindTheTableByIsLeftOutAndTheReasonIsSaid) {
  auto collector = Make(64, Walks({.name = "bpf"}), true);
  const auto collection = collector.Collect(test::Patient());
  ASSERT_THAT(collection->omissions, SizeIs(1));
  EXPECT_THAT(collection->omissions[0].part, HasSubstr(kByState));
  EXPECT_THAT(collection->omissions[0].reason.remedy, HasSubstr("wait for a flow there"));
}

TEST_F(NetnsCollectorTest, WithoutTheWalkFlowsAreLeftOutAndTheReasonIsSaid) {
  auto collector = Make(
      64, Walks({.name = "ctnetlink", .fallback_reason = Error{ErrorKind::kDenied, 1, "no", {}}}));
  const auto collection = collector.Collect(test::Patient());
  EXPECT_EQ(FindFamily(collection->families, kFlows), nullptr);
  EXPECT_EQ(ValueOf(collection->families, kEntries, {{"netns", "host"}}), 0);
  ASSERT_THAT(collection->omissions, SizeIs(1));
  EXPECT_EQ(collection->omissions[0].part, kFlows);
  EXPECT_EQ(collection->omissions[0].reason.kind, ErrorKind::kDenied);
}

TEST_F(NetnsCollectorTest, AFailedWalkLeavesOutTheFlowsAlone) {
  auto collector = Make(64, Walks({.name = "bpf"}, Fail(ErrorKind::kMalformed, "no table")));
  const auto collection = collector.Collect(test::Patient());
  ASSERT_TRUE(collection.has_value());
  EXPECT_EQ(FindFamily(collection->families, kFlows), nullptr);
  EXPECT_EQ(ValueOf(collection->families, kEntries, {{"netns", "host"}}), 0);
  ASSERT_THAT(collection->omissions, SizeIs(1));
  EXPECT_EQ(collection->omissions[0].reason.kind, ErrorKind::kMalformed);
}

TEST_F(NetnsCollectorTest, WhereNobodyAskedForTheWalkNothingIsMissing) {
  for (const Result<std::shared_ptr<FlowSampler>>& sampler :
       {Result<std::shared_ptr<FlowSampler>>(Fail(kNoWalk)),
        Result<std::shared_ptr<FlowSampler>>(Walks({.name = "ctnetlink"}))}) {
    auto collector = Make(64, sampler);
    const auto collection = collector.Collect(test::Patient());
    EXPECT_EQ(FindFamily(collection->families, kFlows), nullptr);
    EXPECT_THAT(collection->omissions, testing::IsEmpty());
  }
}

TEST_F(NetnsCollectorTest, CountersThatTheKernelDoesNotKeepAreAbsent) {
  auto collector = Make();
  EXPECT_EQ(FindFamily(Collect(collector), "conntrack_netns_chain_toolong_total"), nullptr);
}

TEST_F(NetnsCollectorTest, TheFullestAndTheHostHaveSeriesOfTheirOwn) {
  tree.Process(7, 200, "a").Process(8, 300, "b").Process(9, 400, "c").Process(10, 500, "d");
  tree.Stat(200, {.entries = 10, .drop = 1}).Stat(300, {.entries = 40, .drop = 2});
  tree.Stat(400, {.entries = 20, .drop = 4}).Stat(500, {.entries = 30, .drop = 8});
  auto collector = Make(3);
  const auto families = Collect(collector);
  EXPECT_THAT(NetnsOf(families), ElementsAre("host", "b", "d", "other"));
  EXPECT_EQ(ValueOf(families, kEntries, {{"netns", "other"}}), 30);
  EXPECT_EQ(ValueOf(families, kDrops, {{"netns", "other"}}), 5);
  EXPECT_EQ(FindFamily(families, "conntrack_netns_info")->samples.size(), 3U);
  EXPECT_EQ(ValueOf(families, "conntrack_netns_namespaces"), 5);
}

TEST_F(NetnsCollectorTest, OtherNeverFallsWhenNamespacesChangePlacesOrGo) {
  tree.Process(7, 200, "a").Process(8, 300, "b");
  tree.Stat(200, {.entries = 10, .drop = 100}).Stat(300, {.entries = 40, .drop = 7});
  auto collector = Make(2);
  EXPECT_EQ(ValueOf(Collect(collector), kDrops, {{"netns", "other"}}), 100);

  tree.Stat(200, {.entries = 90, .drop = 150}).Stat(300, {.entries = 40, .drop = 9});
  auto families = Collect(collector);
  EXPECT_EQ(ValueOf(families, kDrops, {{"netns", "a"}}), 150);
  EXPECT_EQ(ValueOf(families, kDrops, {{"netns", "other"}}), 102);

  tree.End(7).End(8);
  EXPECT_EQ(ValueOf(Collect(collector), kDrops, {{"netns", "other"}}), 102);
}

TEST_F(NetnsCollectorTest, WithAMaximumOfNoneAllIsOther) {
  tree.Stat(100, {.entries = 5, .drop = 1});
  auto collector = Make(0);
  const auto families = Collect(collector);
  EXPECT_THAT(NetnsOf(families), ElementsAre("other"));
  EXPECT_EQ(ValueOf(families, kEntries, {{"netns", "other"}}), 5);
  EXPECT_EQ(FindFamily(families, "conntrack_netns_info"), nullptr);
}

TEST_F(NetnsCollectorTest, NamespacesThatCannotBeReadAreCountedAndNamed) {
  tree.files().Write("run/netns/blue", "300\n").Write("run/netns/red", "400\n");
  auto collector = Make();
  const auto collection = collector.Collect(test::Patient());
  EXPECT_EQ(ValueOf(collection->families, "conntrack_netns_namespaces"), 3);
  EXPECT_EQ(ValueOf(collection->families, "conntrack_netns_unreadable"), 2);
  EXPECT_THAT(NetnsOf(collection->families), ElementsAre("host", "other"));
  ASSERT_THAT(collection->omissions, SizeIs(1));
  const auto& reason = collection->omissions[0].reason;
  EXPECT_EQ(reason.kind, ErrorKind::kDenied);
  EXPECT_THAT(reason.message, HasSubstr("2 (blue, red)"));
  EXPECT_THAT(reason.remedy, HasSubstr("CAP_SYS_ADMIN"));
}

TEST_F(NetnsCollectorTest, HundredsThatCannotBeReadMakeOneShortMessage) {
  for (int i = 0; i < 100; ++i) {
    tree.files().Write("run/netns/ns" + std::to_string(i), std::to_string(1000 + i));
  }
  auto collector = Make();
  const auto collection = collector.Collect(test::Patient());
  ASSERT_THAT(collection->omissions, SizeIs(1));
  EXPECT_THAT(collection->omissions[0].reason.message,
              HasSubstr("100 (ns0, ns1, ns10, ns11, ns12, ...)"));
}

TEST_F(NetnsCollectorTest, WithoutProcessOneTheHostIsMissingAndSaysSo) {
  tree.End(1).Process(7, 200).Self(7);
  auto collector = Make();
  const auto collection = collector.Collect(test::Patient());
  ASSERT_TRUE(collection.has_value());
  ASSERT_THAT(collection->omissions, SizeIs(1));
  EXPECT_EQ(collection->omissions[0].part, "netns=\"host\"");
}

TEST_F(NetnsCollectorTest, OfForeignNamespacesTheInodeIsEmpty) {
  tree.Foreign(7, 200).Stat(200, {.entries = 3});
  const test::AsOrdinaryUser ordinary;
  auto collector = Make();
  const auto families = Collect(collector);
  EXPECT_EQ(ValueOf(families, kEntries, {{"netns", "cat"}}), 3);
  EXPECT_EQ(ValueOf(families, "conntrack_netns_info",
                    {{"netns", "cat"}, {"inode", ""}, {"kind", "process"}}),
            1);
}

TEST_F(NetnsCollectorTest, WhereNothingCanBeReadTheReasonIsTheError) {
  tree.End(1).files().Write("run/netns/blue", "300\n");
  auto collector = Make();
  EXPECT_EQ(collector.Collect(test::Patient()).error().kind, ErrorKind::kDenied);
}

TEST_F(NetnsCollectorTest, AnswersAtOnceWhenTimeIsUp) {
  auto collector = Make();
  const auto collection = collector.Collect({std::chrono::steady_clock::now()});
  EXPECT_EQ(collection.error().kind, ErrorKind::kTimeout);
}

}  // namespace
}  // namespace conntrack
