#include "collectors/flows/nat_collector.h"

#include <gmock/gmock.h>

#include "tests/support/fake_flow_source.h"
#include "tests/support/families.h"
#include "tests/support/flows.h"
#include "tests/support/temp_tree.h"

namespace conntrack {
namespace {

using test::FindFamily;
using test::ValueOf;

/// 95 ports in use towards one remote endpoint, 50 towards another, one each towards three more.
Result<void> Walk(kernel::FlowVisitor& visitor, const std::stop_token& /*stop*/) {
  const auto visit = [&](const char* remote, std::uint16_t flows) {
    for (std::uint16_t n = 0; n < flows; ++n) {
      const auto port = static_cast<std::uint16_t>(20000 + n);
      visitor.Visit(test::Translated(test::TcpFlow("10.0.0.1", remote, 443), "198.51.100.1", port));
    }
  };
  visit("192.0.2.1", 95);
  visit("192.0.2.2", 50);
  for (const auto* remote : {"192.0.2.3", "192.0.2.4", "192.0.2.5"}) visit(remote, 1);
  return {};
}

class NatCollectorTest : public testing::Test {
 protected:
  Collection Collected(std::optional<kernel::PortRange> range) {
    NatCollector collector(
        std::make_shared<FlowSampler>(std::make_unique<test::FakeFlowSource>(Walk), 1.0,
                                      FlowTallyOptions{.talkers = {}, .snat_top = 2}),
        kernel::KernelFiles(proc_.root()), range);
    return collector.Collect(test::Patient()).value();
  }

  static std::optional<double> Above(const Collection& collection, const char* ratio) {
    return ValueOf(collection.families, "conntrack_snat_tuples_above", {{"ratio", ratio}});
  }

  test::TempTree proc_;
};

std::vector<Label> Labels(const char* remote) {
  return {{"address", "198.51.100.1"},
          {"protocol", "tcp"},
          {"remote_address", remote},
          {"remote_port", "443"},
          {"ct_zone", "0"}};
}

TEST_F(NatCollectorTest, ShowsTheBusiestTuplesAndTheRestAsOther) {
  const auto collection = Collected(kernel::PortRange{1024, 65535});
  const auto in_use = [&](const std::vector<Label>& labels) {
    return ValueOf(collection.families, "conntrack_snat_ports_in_use", labels);
  };
  EXPECT_EQ(in_use(Labels("192.0.2.1")), 95);
  EXPECT_EQ(in_use(Labels("192.0.2.2")), 50);
  EXPECT_EQ(in_use({{"address", "other"},
                    {"protocol", "other"},
                    {"remote_address", "other"},
                    {"remote_port", "other"},
                    {"ct_zone", "other"}}),
            3);
  EXPECT_EQ(ValueOf(collection.families, "conntrack_snat_ports_available"), 64512);
  EXPECT_EQ(ValueOf(collection.families, "conntrack_snat_error_flows"), 0);
  EXPECT_EQ(Above(collection, "0.5"), 0);
}

TEST_F(NatCollectorTest, AboveMeansMoreThanThatShare) {
  const auto of_100 = Collected(kernel::PortRange{20000, 20099});
  EXPECT_EQ(Above(of_100, "0.5"), 1);  // 50 of 100 are not above
  EXPECT_EQ(Above(of_100, "0.8"), 1);
  EXPECT_EQ(Above(of_100, "0.95"), 0);
  const auto of_99 = Collected(kernel::PortRange{20000, 20098});
  EXPECT_EQ(Above(of_99, "0.5"), 2);
  EXPECT_EQ(Above(of_99, "0.95"), 1);
  EXPECT_EQ(Above(Collected(kernel::PortRange{80, 80}), "0.95"), 5);
}

TEST_F(NatCollectorTest, TheSysctlCanSayHowManyPortsThereAre) {
  proc_.Write("sys/net/ipv4/ip_local_port_range", "20000\t20099\n");
  const auto collection = Collected(std::nullopt);
  EXPECT_EQ(ValueOf(collection.families, "conntrack_snat_ports_available"), 100);
  EXPECT_EQ(Above(collection, "0.8"), 1);
  EXPECT_TRUE(collection.omissions.empty());
}

TEST_F(NatCollectorTest, WithoutTheSysctlPortsInUseAreStillShown) {
  const auto collection = Collected(std::nullopt);
  EXPECT_EQ(ValueOf(collection.families, "conntrack_snat_ports_in_use", Labels("192.0.2.1")), 95);
  EXPECT_EQ(FindFamily(collection.families, "conntrack_snat_ports_available"), nullptr);
  EXPECT_EQ(FindFamily(collection.families, "conntrack_snat_tuples_above"), nullptr);
  ASSERT_EQ(collection.omissions.size(), 2U);
  EXPECT_EQ(collection.omissions[0].part, "conntrack_snat_ports_available");
  EXPECT_EQ(collection.omissions[0].reason.kind, ErrorKind::kAbsent);
}

}  // namespace
}  // namespace conntrack
