#include "collectors/flows/workloads.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <future>

#include "collectors/flows/workloads_collector.h"
#include "tests/support/fake_flow_source.h"
#include "tests/support/fake_netlink_socket.h"
#include "tests/support/families.h"
#include "tests/support/flows.h"
#include "tests/support/process_tree.h"

namespace conntrack {
namespace {

using kernel::LocalAddress;
using test::AddressOf;
using test::TcpFlow;
using testing::IsEmpty;

const Workload kHost{"host", "host"};
const Workload kWeb{"pod", "uid-web", "uid-web"};
const Workload kDb{"container", "0123456789ab", "", "0123456789ab"};
const Workload kNginx{"unit", "nginx.service"};

kernel::Listener Port(const char* address, std::uint16_t port, std::uint8_t family = AF_INET) {
  return {family, IPPROTO_TCP, port, AddressOf(address), false, 0, {}};
}

/// The host has 192.0.2.1, a pod 10.0.0.1, a container 10.0.0.2.
WorkloadMap Machine() {
  WorkloadMap map;
  map.AddAddress({AF_INET, AddressOf("192.0.2.1")}, kHost);
  map.AddAddress({AF_INET, AddressOf("10.0.0.1")}, kWeb);
  map.AddAddress({AF_INET6, AddressOf("2001:db8::1")}, kWeb);
  map.AddAddress({AF_INET, AddressOf("10.0.0.2")}, kDb);
  return map;
}

WorkloadsSummary Counted(const WorkloadMap& map, const std::vector<kernel::Flow>& flows,
                         std::size_t max = 100) {
  Workloads workloads({max, [&map](const std::stop_token&) { return map; }});
  workloads.Begin();
  for (const auto& flow : flows) workloads.Visit(flow);
  return workloads.Summary().value();
}

/// How many flows a workload opened and received.
std::pair<std::uint64_t, std::uint64_t> Of(const WorkloadsSummary& summary,
                                           const Workload& workload) {
  const auto found = std::ranges::find(summary.top, workload, &WorkloadFlows::workload);
  if (found == summary.top.end()) return {999, 999};
  return {found->opened, found->received};
}

using Flows = std::pair<std::uint64_t, std::uint64_t>;

TEST(Workloads, AFlowBetweenTwoCountsOnceForEach) {
  const auto summary = Counted(
      Machine(), {TcpFlow("10.0.0.1", "10.0.0.2", 5432), TcpFlow("2001:db8::1", "2001:db8::9"),
                  TcpFlow("203.0.113.7", "203.0.113.8")});
  EXPECT_EQ(Of(summary, kWeb), Flows(2, 0));
  EXPECT_EQ(Of(summary, kDb), Flows(0, 1));
  EXPECT_EQ(Of(summary, kHost), Flows(0, 0));
}

TEST(Workloads, TranslatedFlowsBelongToWhoIsBehindTheTranslation) {
  // A pod that leaves through the address of the host opened the flow, and the host did not.
  auto masqueraded = test::Translated(TcpFlow("10.0.0.1", "203.0.113.1"), "192.0.2.1", 1024);
  // A published port of the host leads to the container.
  auto published = test::Redirected(TcpFlow("203.0.113.9", "192.0.2.1", 8080), "10.0.0.2");
  // Another machine answers.
  auto balanced = test::Redirected(TcpFlow("203.0.113.9", "192.0.2.1", 443), "198.51.100.7");
  // Another machine leaves by the address of the host.
  auto routed = test::Translated(TcpFlow("172.16.0.1", "203.0.113.1"), "192.0.2.1", 1025);
  const auto summary = Counted(Machine(), {masqueraded, published, balanced, routed});
  EXPECT_EQ(Of(summary, kWeb), Flows(1, 0));
  EXPECT_EQ(Of(summary, kDb), Flows(0, 1));
  EXPECT_EQ(Of(summary, kHost), Flows(0, 0)) << "it only forwards";
}

TEST(Workloads, PortsOfTheHostBelongToTheirServers) {
  auto map = Machine();
  map.AddListener(Port("0.0.0.0", 80), kNginx);
  map.AddListener(Port("192.0.2.1", 443), kNginx);
  map.AddListener(Port("::", 8443, AF_INET6), kDb);
  map.AddListener(Port("127.0.0.1", 9000), kNginx);
  auto only_ipv6 = Port("::", 7000, AF_INET6);
  only_ipv6.only_ipv6 = true;
  map.AddListener(only_ipv6, kDb);
  const auto summary = Counted(
      map, {TcpFlow("203.0.113.9", "192.0.2.1", 80), TcpFlow("203.0.113.9", "192.0.2.1", 443),
            TcpFlow("203.0.113.9", "192.0.2.1", 8443), TcpFlow("203.0.113.9", "192.0.2.1", 9000),
            TcpFlow("127.0.0.1", "127.0.0.1", 9000), TcpFlow("10.0.0.1", "10.0.0.2", 80)});
  EXPECT_EQ(Of(summary, kNginx), Flows(0, 3));
  EXPECT_EQ(Of(summary, kDb), Flows(0, 2)) << "by the port of IPv6, and by its own address";
  EXPECT_EQ(Of(summary, kHost), Flows(1, 1)) << "nobody listens at that address, or takes IPv4";
}

TEST(Workloads, WhatTwoHaveBelongsToNeither) {
  auto map = Machine();
  map.AddAddress({AF_INET, AddressOf("10.0.0.1")}, kDb);
  map.AddListener(Port("0.0.0.0", 80), kNginx);
  map.AddListener(Port("0.0.0.0", 80), kDb);
  const auto summary =
      Counted(map, {TcpFlow("10.0.0.1", "198.51.100.1"), TcpFlow("198.51.100.1", "192.0.2.1", 80)});
  EXPECT_EQ(Of(summary, kWeb), Flows(0, 0));
  EXPECT_EQ(Of(summary, kDb), Flows(0, 0));
  EXPECT_EQ(Of(summary, kHost), Flows(0, 1)) << "the port is one of the host in any case";
}

TEST(Workloads, ThoseBeyondTheMostAreOther) {
  const auto summary =
      Counted(Machine(), {TcpFlow("10.0.0.1", "10.0.0.2"), TcpFlow("10.0.0.1", "192.0.2.1")}, 1);
  ASSERT_EQ(summary.top.size(), 1U);
  EXPECT_EQ(Of(summary, kWeb), Flows(2, 0));
  EXPECT_EQ(summary.other.opened, 0U);
  EXPECT_EQ(summary.other.received, 2U);
}

TEST(Workloads, WhatTheHostHasIsNobodyElses) {
  auto map = Machine();
  map.AddAddress({AF_INET, AddressOf("192.0.2.1")}, kDb);
  map.AddAddress({AF_INET, AddressOf("10.0.0.1")}, kHost);
  EXPECT_EQ(map.OwnerOf(AF_INET, AddressOf("192.0.2.1")), WorkloadMap::kHost);
  EXPECT_EQ(map.OwnerOf(AF_INET, AddressOf("10.0.0.1")), WorkloadMap::kHost);
}

TEST(Workloads, AddressesAreBounded) {
  WorkloadMap map;
  LocalAddress address{AF_INET, AddressOf("10.0.0.0")};
  for (std::uint32_t i = 0; i < 2 * WorkloadMap::kMostAddresses; ++i) {
    address.address[2] = static_cast<std::uint8_t>(i >> 8U);
    address.address[3] = static_cast<std::uint8_t>(i);
    map.AddAddress(address, {"netns", std::to_string(i)});
  }
  EXPECT_EQ(map.workloads().size(), 1 + WorkloadMap::kMostAddresses);
  ASSERT_EQ(map.omissions.size(), 1U);
}

TEST(Workloads, ANameThatIsKnownBeyondTheBoundsIsStillAConflict) {
  WorkloadMap map = Machine();
  LocalAddress address{AF_INET, AddressOf("10.1.0.0")};
  for (std::uint32_t i = 0; i < WorkloadMap::kMostAddresses; ++i) {
    address.address[2] = static_cast<std::uint8_t>(i >> 8U);
    address.address[3] = static_cast<std::uint8_t>(i);
    map.AddAddress(address, kHost);
  }
  map.AddAddress({AF_INET, AddressOf("10.0.0.1")}, kDb);
  EXPECT_EQ(map.OwnerOf(AF_INET, AddressOf("10.0.0.1")), WorkloadMap::kNobody);
}

TEST(WorkloadMapReader, AReadingThatHangsIsToldAndDelaysNoWalkTwice) {
  std::promise<void> end;
  auto ended = end.get_future().share();
  WorkloadMapReader reader([ended](const std::stop_token&) -> Result<WorkloadMap> {
    ended.wait();
    return WorkloadMap();
  });
  EXPECT_EQ((*reader.Latest()).error().kind, ErrorKind::kTimeout);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ((*reader.Latest()).error().kind, ErrorKind::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - began, WorkloadMapReader::kPatience);
  end.set_value();
}

TEST(Workloads, AMachineThatCannotBeReadIsAnErrorUntilItCan) {
  std::atomic<int> reads = 0;
  Workloads workloads({1, [&reads](const std::stop_token&) -> Result<WorkloadMap> {
                         ++reads;
                         return Fail(ErrorKind::kDenied, "no /proc");
                       }});
  workloads.Begin();
  workloads.Visit(TcpFlow("10.0.0.1", "10.0.0.2"));
  workloads.Begin();
  EXPECT_EQ(reads, 1) << "a walk that starts again does not read the machine again";
  EXPECT_EQ(workloads.Summary().error().message, "no /proc");
}

TEST(Workloads, BeginForgetsTheFlows) {
  const auto map = Machine();
  Workloads workloads({1, [&map](const std::stop_token&) { return map; }});
  workloads.Begin();
  workloads.Visit(TcpFlow("10.0.0.1", "10.0.0.2"));
  workloads.Begin();
  EXPECT_EQ(workloads.Summary()->top.front().opened, 0U);
}

Result<WorkloadMap> Read(const test::ProcessTree& tree) {
  return ReadWorkloadMap(
      {kernel::KernelFiles(tree.proc()), kernel::KernelFiles(tree.root()),
       kernel::KernelFiles(tree.root()), test::RefusingKernel()},
      {},
      {[](const auto&) -> Result<std::uint64_t> { return Fail(ErrorKind::kAbsent, "none"); }, {}});
}

TEST(WorkloadMap, IsReadFromTheNamespacesOfProcesses) {
  const auto routes = [](const std::string& address) {
    return "Main:\n |-- " + address + "\n   /32 host LOCAL\n |-- 127.0.0.1\n   /32 host LOCAL\n";
  };
  test::ProcessTree tree;
  tree.Process(1, 100, "systemd").Process(50, 200, "nginx", "0::/system.slice/nginx.service\n");
  tree.Process(60, 300, "gone").Process(61, 300, "sleep");
  tree.files()
      .Write("proc/net/fib_trie", routes("192.0.2.1"))
      .Write("proc/50/net/fib_trie", routes("10.0.0.1"))
      .Write("proc/61/net/fib_trie", routes("10.0.0.2"))
      .Write("proc/61/net/if_inet6", "fe800000000000000000000000000001 02 40 20 80 eth0\n");
  const auto map = Read(tree);
  ASSERT_TRUE(map.has_value());
  const auto owner = [&map](const char* address, std::uint8_t family = AF_INET) {
    const auto index = map->OwnerOf(family, AddressOf(address));
    return index == WorkloadMap::kNobody ? "nobody" : map->workloads()[index].name;
  };
  EXPECT_EQ(owner("192.0.2.1"), "host");
  EXPECT_EQ(owner("127.0.0.1"), "host") << "only the loopback of the own namespace is in its table";
  EXPECT_EQ(owner("127.1.2.3"), "host");
  EXPECT_EQ(owner("10.0.0.1"), "nginx.service");
  EXPECT_EQ(owner("10.0.0.2"), "gone") << "the name is that of the first process";
  EXPECT_EQ(owner("fe80::1", AF_INET6), "nobody");
  EXPECT_EQ(owner("10.0.0.3"), "nobody");
  ASSERT_EQ(map->omissions.size(), 1U) << "the listeners, of which this tree has none";
}

TEST(WorkloadMap, ManyUnreadableNamespacesAreOneOmission) {
  test::ProcessTree tree;
  tree.Process(1, 100, "systemd");
  for (std::uint32_t i = 2; i < 100; ++i) {
    tree.Process(i, 100 + i);
    tree.files().Write("proc/" + std::to_string(i) + "/net/fib_trie/a-folder", "");
  }
  const auto map = Read(tree);
  ASSERT_TRUE(map.has_value());
  const auto found = std::ranges::find(map->omissions, "namespaces whose addresses cannot be read",
                                       &Omission::part);
  ASSERT_NE(found, map->omissions.end());
  EXPECT_THAT(found->reason.message, testing::StartsWith("98 (cat@"));
  EXPECT_EQ(map->omissions.size(), 3U) << "also those of the host, and owners of ports";
}

class Listeners : public testing::Test {
 protected:
  Listeners() {
    // As with cgroup v1, where every socket has the root of version 2.
    tree_.Process(1, 100, "systemd", "4:memory:/init.scope\n");
    tree_.Process(20, 100, "nginx", "4:memory:/system.slice/nginx.service\n");
    tree_.files().Link("proc/1/fd/3", "socket:[101]").Link("proc/20/fd/3", "socket:[101]");
    tree_.files().Write("sys/fs/cgroup/memory/x", "");
    own_.processes = {1, 20};
    own_.is_own = true;
    cgroup_ = kernel::KernelFiles(tree_.root() / "sys").Inode("fs/cgroup").value();
  }

  WorkloadMap Add(const std::vector<kernel::Listener>& listeners, kernel::Place place = {},
                  bool in_time = true) {
    KernelAccess access{kernel::KernelFiles(tree_.proc()),
                        kernel::KernelFiles(tree_.root() / "sys"),
                        kernel::KernelFiles(tree_.root()), test::RefusingKernel()};
    access.place = std::move(place);
    WorkloadMap map;
    AddListeners(
        listeners, {{own_}, 0, true, {}}, access, [in_time] { return in_time; }, map);
    return map;
  }

  /// Its port is the last two digits of the inode.
  [[nodiscard]] kernel::Listener Socket(std::uint64_t inode,
                                        const char* address = "0.0.0.0") const {
    auto listener = Port(address, static_cast<std::uint16_t>(inode % 100));
    listener.inode = inode;
    listener.cgroup = cgroup_;
    return listener;
  }

  test::ProcessTree tree_;
  kernel::NetworkNamespace own_;
  std::uint64_t cgroup_ = 0;
};

TEST_F(Listeners, OfAnUnknownCgroupBelongToAProcessThatHasThemOpen) {
  const auto map = Add({Socket(101)});
  ASSERT_EQ(map.workloads().size(), 2U);
  EXPECT_EQ(map.workloads()[1], kNginx);
  EXPECT_THAT(map.omissions, IsEmpty());
}

TEST_F(Listeners, OfTheKernelAreTheHostsAndNoOmission) {
  EXPECT_THAT(Add({Socket(101), Socket(102)}).omissions, IsEmpty());
}

TEST_F(Listeners, OfTheHostComeBeforeAUnitThatListensOnAllAddresses) {
  auto of_host = Socket(201, "192.0.2.1");
  const auto map = Add({Socket(101), of_host});
  auto flow = TcpFlow("192.0.2.9", "192.0.2.1");
  flow.reply.source_port = of_host.port;
  EXPECT_EQ(map.ServerOf(flow), WorkloadMap::kHost);
  flow.reply.source = AddressOf("192.0.2.2");
  EXPECT_NE(map.ServerOf(flow), WorkloadMap::kHost);
}

TEST_F(Listeners, WhoseOwnerMayBeHiddenAreAnOmission) {
  kernel::Place container;
  container.container_sign = "/.dockerenv";
  EXPECT_THAT(Add({Socket(101), Socket(102)}, container).omissions, testing::SizeIs(1));
  EXPECT_EQ(Add({Socket(101)}, {}, false).omissions.at(0).reason.kind, ErrorKind::kTimeout);
  std::filesystem::permissions(tree_.proc() / "20/fd", std::filesystem::perms::none);
  const test::AsOrdinaryUser ordinary;
  const auto map = Add({Socket(101), Socket(102)});
  ASSERT_EQ(map.omissions.size(), 1U);
  EXPECT_THAT(map.omissions[0].reason.message,
              testing::StartsWith("listening sockets without a known cgroup: 1;"));
}

TEST(WorkloadsCollector, ShowsBothDirectionsAndOther) {
  auto walk = [](kernel::FlowVisitor& visitor, const std::stop_token&) -> Result<void> {
    visitor.Begin();
    visitor.Visit(TcpFlow("10.0.0.1", "10.0.0.2"));
    return {};
  };
  WorkloadsCollector collector(std::make_shared<FlowSampler>(
      std::make_unique<test::FakeFlowSource>(walk), 1.0,
      FlowTallyOptions{
          .talkers = {},
          .snat_top = {},
          .workloads = WorkloadsOptions{2, [](const std::stop_token&) { return Machine(); }}}));
  const auto families = collector.Collect(test::Patient()).value().families;
  const auto flows = [&](const Workload& workload, const char* direction) {
    return test::ValueOf(families, "conntrack_workload_flows",
                         {{"kind", workload.kind},
                          {"workload", workload.name},
                          {"pod_uid", workload.pod_uid},
                          {"container_id", workload.container},
                          {"direction", direction}});
  };
  EXPECT_EQ(flows(kWeb, "opened"), 1);
  EXPECT_EQ(flows(kWeb, "received"), 0);
  EXPECT_EQ(flows(kDb, "received"), 1);
  EXPECT_EQ(flows({"other", "other"}, "opened"), 0);
}

}  // namespace
}  // namespace conntrack
