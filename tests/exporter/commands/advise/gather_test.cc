#include "exporter/commands/advise/advise.h"

#include <gmock/gmock.h>

// Before <linux/...>, which redefines parts of it otherwise.
#include <netinet/in.h>

#include <linux/netfilter/nf_conntrack_common.h>

#include <map>

#include "tests/support/machines.h"
#include "tests/support/temp_tree.h"
#include "tests/support/test_access.h"

namespace conntrack::exporter::advise {
namespace {

using conntrack::test::AccessTo;
using conntrack::test::Answer;
using conntrack::test::DatagramBuilder;
using conntrack::test::FlowSpec;
using conntrack::test::Target;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

constexpr FlowSourceOptions kAnyHold{.choice = FlowSourceChoice::kNetlink,
                                     .max_hold = std::chrono::minutes(1)};

/// A table of `flows`.
kernel::NetlinkSocketFactory TableOf(std::vector<FlowSpec> flows) {
  return conntrack::test::OpenFake([flows](const kernel::CtnetlinkRequest& request) {
    DatagramBuilder datagram(conntrack::test::kPort, request.sequence());
    for (const auto& flow : flows) datagram.Message(conntrack::test::kFlowReply, FlowMessage(flow));
    return Answer{{datagram.Done().bytes()}, {}};
  });
}

FlowSpec To(std::uint8_t protocol, std::uint16_t port, std::uint32_t status = IPS_CONFIRMED) {
  FlowSpec flow{.protocol = protocol, .status = status};
  flow.original.destination_port = port;
  return flow;
}

TEST(Gather, EveryCaptureIsReadWithoutCapability) {
  for (const auto* capture :
       {"2.6.32-2cpu", "3.10-4cpu", "4.19-2cpu", "5.10-2cpu", "5.15-no-stat-file", "6.1-2cpu",
        "6.12-2cpu", "6.18-2cpu", "6.18-module-2cpu", "7.3-2cpu"}) {
    const auto machine = Gather(AccessTo(capture), kAnyHold, {});
    EXPECT_TRUE(machine.kernel.has_value()) << capture;
    EXPECT_TRUE(machine.mem_total.has_value()) << capture;
    EXPECT_TRUE(machine.cpus.has_value()) << capture;
    EXPECT_TRUE(machine.Sysctl("nf_conntrack_max").has_value()) << capture;
    EXPECT_TRUE(machine.Sysctl("nf_conntrack_tcp_timeout_established").has_value()) << capture;
    EXPECT_NE(machine.module, ModuleState::kNotLoaded) << capture;
    EXPECT_THAT(machine.missing, ElementsAre(Field(&Omission::part, "what fills the table")))
        << capture;
  }
}

TEST(Gather, CpusAreThoseThatArePresent) {
  conntrack::test::TempTree tree;
  tree.Write("devices/system/cpu/possible", "0-7\n").Write("devices/system/cpu/present", "0-1\n");
  auto access = AccessTo("5.10-2cpu");
  access.sys = kernel::KernelFiles(tree.root());
  EXPECT_EQ(Gather(access, kAnyHold, {}).cpus, 2U);
}

TEST(Gather, WithoutTheModuleTheTableIsNotAskedFor) {
  const auto machine = Gather(AccessTo("module-not-loaded"), kAnyHold, {});
  EXPECT_EQ(machine.module, ModuleState::kNotLoaded);
  EXPECT_EQ(machine.release, "6.1.0-26-amd64");
  EXPECT_THAT(machine.missing, IsEmpty());
}

TEST(Gather, NothingAtAllIsNamedPartByPart) {
  const conntrack::test::TempTree empty;
  const kernel::KernelFiles files(empty.root());
  const auto machine =
      Gather({files, files, files, conntrack::test::RefusingKernel()}, kAnyHold, {});
  EXPECT_FALSE(machine.kernel.has_value());
  EXPECT_THAT(
      machine.missing,
      ElementsAre(Field(&Omission::part, "kernel release"), Field(&Omission::part, "memory"),
                  Field(&Omission::part, "CPUs"), Field(&Omission::part, "size of an entry")));
}

TEST(Gather, TellsAModuleFromABuiltIn) {
  conntrack::test::TempTree tree;
  tree.Sysctl("nf_conntrack_count", "0").Write("module/nf_conntrack/parameters/hashsize", "512\n");
  const kernel::KernelFiles files(tree.root());
  const KernelAccess access{files, files, files, conntrack::test::RefusingKernel()};
  EXPECT_EQ(Gather(access, kAnyHold, {}).module, ModuleState::kBuiltIn);
  EXPECT_FALSE(Gather(access, kAnyHold, {}).protocols_apart);
  tree.Write("modules", "nf_tables 1 0 - Live\nnf_conntrack 200704 3 nf_nat, Live 0x0\n");
  EXPECT_EQ(Gather(access, kAnyHold, {}).module, ModuleState::kLoaded);
  tree.Write("modules", "xt_nf_conntrack 1 0 - Live\n");
  EXPECT_EQ(Gather(access, kAnyHold, {}).module, ModuleState::kBuiltIn);
  tree.Write("module/nf_conntrack/initstate", "live\n").Write("module/nf_conntrack_ipv4/x", "");
  EXPECT_EQ(Gather(access, kAnyHold, {}).module, ModuleState::kLoaded);
  EXPECT_TRUE(Gather(access, kAnyHold, {}).protocols_apart);
}

TEST(Gather, SeesAKubernetesNodeAndARouter) {
  conntrack::test::TempTree tree;
  tree.Write("sys/net/ipv4/ip_forward", "1\n");
  const kernel::KernelFiles files(tree.root());
  KernelAccess access{files, files, files, conntrack::test::RefusingKernel()};
  access.place.kubernetes.emplace().sign = "/var/lib/kubelet";
  const auto machine = Gather(access, kAnyHold, {});
  EXPECT_EQ(machine.place.kubernetes->sign, "/var/lib/kubelet");
  EXPECT_TRUE(machine.forwarding);
}

TEST(FlowSurvey, NamesStatesAndServicesWithTheTranslatedOnesAmongThem) {
  const auto access =
      AccessTo("6.1-2cpu", TableOf({To(IPPROTO_UDP, 53), To(IPPROTO_UDP, 53), To(IPPROTO_UDP, 53),
                                    To(IPPROTO_TCP, 443, IPS_CONFIRMED | IPS_SRC_NAT),
                                    To(IPPROTO_TCP, 443), To(IPPROTO_ICMP, 0)}));
  const auto machine = Gather(access, kAnyHold, {});
  ASSERT_TRUE(machine.flows.has_value());
  EXPECT_EQ(machine.flows->flows, 6U);
  EXPECT_EQ(machine.flows->source_translated, 1U);
  ASSERT_EQ(machine.flows->states.size(), 3U);
  EXPECT_EQ(machine.flows->states[0].protocol, "udp");
  EXPECT_EQ(machine.flows->states[0].state, "UNREPLIED");
  EXPECT_EQ(machine.flows->states[0].flows, 3U);
  ASSERT_EQ(machine.flows->services.size(), 2U);  // ICMP has no port to name
  EXPECT_EQ(machine.flows->services[0].target, (Target("udp/53")));
  EXPECT_EQ(machine.flows->services[0].translated, 0U);
  EXPECT_EQ(machine.flows->services[1].target, (Target("tcp/443")));
  EXPECT_EQ(machine.flows->services[1].flows, 2U);
  EXPECT_EQ(machine.flows->services[1].translated, 1U);
}

TEST(FlowSurvey, CountsWhatIsAskedForAndRoutingAndTunnels) {
  constexpr std::uint8_t kOspf = 89;
  const auto access =
      AccessTo("6.1-2cpu",
               TableOf({To(kOspf, 0), To(IPPROTO_TCP, 179), To(IPPROTO_UDP, 4789),
                        To(IPPROTO_UDP, 4789, IPS_CONFIRMED | IPS_DST_NAT), To(IPPROTO_UDP, 53)}));
  SizingRequest request;
  request.notrack = {Target("vxlan"), Target("udp/53"), Target("2001:db8::/32")};
  const auto machine = Gather(access, kAnyHold, request);
  ASSERT_TRUE(machine.flows.has_value());
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> found;
  for (const auto& [target, flows, translated] : machine.flows->targets) {
    EXPECT_TRUE(found.emplace(ToString(target), std::pair(flows, translated)).second);
  }
  EXPECT_EQ(found.at("vxlan"), std::pair(2UL, 1UL));
  EXPECT_EQ(found.at("udp/53"), std::pair(1UL, 0UL));
  EXPECT_EQ(found.at("2001:db8::/32"), std::pair(0UL, 0UL));
  EXPECT_EQ(found.at("ospf"), std::pair(1UL, 0UL));
  EXPECT_EQ(found.at("bgp"), std::pair(1UL, 0UL));
  EXPECT_EQ(found.at("gre"), std::pair(0UL, 0UL));
}

}  // namespace
}  // namespace conntrack::exporter::advise
