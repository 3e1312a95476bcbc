// Our parser against libnetfilter_conntrack, field by field, on every message of a varied real
// table.
#include "tests/live/varied_table.h"

#include <gmock/gmock.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/in.h>

#include <cstring>
#include <map>
#include <memory>
#include <set>

#include "collectors/flows/flow_counts.h"
#include "kernel/netlink/ctnetlink_exchange.h"
#include "kernel/netlink/ctnetlink_flow_source.h"
#include "kernel/netlink/ctnetlink_stat.h"
#include "kernel/netlink/flow_message.h"
#include "kernel/netlink/netlink_socket.h"
#include "kernel/proc/conntrack_stat.h"
#include "tests/support/host_netlink.h"

namespace conntrack {
namespace {

using kernel::Bytes;
using kernel::Flow;

struct TupleAttributes {
  nf_conntrack_attr ipv4_source, ipv4_destination, ipv6_source, ipv6_destination;
  nf_conntrack_attr source_port, destination_port;
};
constexpr TupleAttributes kOriginal{ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV4_DST, ATTR_ORIG_IPV6_SRC,
                                    ATTR_ORIG_IPV6_DST, ATTR_ORIG_PORT_SRC, ATTR_ORIG_PORT_DST};
constexpr TupleAttributes kReply{ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV4_DST, ATTR_REPL_IPV6_SRC,
                                 ATTR_REPL_IPV6_DST, ATTR_REPL_PORT_SRC, ATTR_REPL_PORT_DST};

kernel::FlowTuple OracleTuple(const nf_conntrack* flow, const TupleAttributes& attributes) {
  const auto address = [flow](nf_conntrack_attr ipv4, nf_conntrack_attr ipv6) {
    kernel::Address bytes{};
    if (nfct_attr_is_set(flow, ipv4) > 0) std::memcpy(bytes.data(), nfct_get_attr(flow, ipv4), 4);
    if (nfct_attr_is_set(flow, ipv6) > 0) std::memcpy(bytes.data(), nfct_get_attr(flow, ipv6), 16);
    return bytes;
  };
  const auto port = [flow](nf_conntrack_attr attribute) {
    if (nfct_attr_is_set(flow, attribute) <= 0) return std::uint16_t{0};
    return be16toh(nfct_get_attr_u16(flow, attribute));
  };
  return {address(attributes.ipv4_source, attributes.ipv6_source),
          address(attributes.ipv4_destination, attributes.ipv6_destination),
          port(attributes.source_port), port(attributes.destination_port)};
}

/// What libnetfilter_conntrack makes of the same message.
std::optional<Flow> Oracle(Bytes payload) {
  const std::unique_ptr<nf_conntrack, decltype(&nfct_destroy)> parsed(nfct_new(), nfct_destroy);
  // It wants the header, which the reader has cut off.
  std::vector<std::byte> message(NLMSG_HDRLEN + payload.size());
  auto* header = reinterpret_cast<nlmsghdr*>(message.data());
  header->nlmsg_len = static_cast<std::uint32_t>(message.size());
  header->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8;
  std::copy(payload.begin(), payload.end(), message.begin() + NLMSG_HDRLEN);
  if (nfct_nlmsg_parse(header, parsed.get()) < 0) return std::nullopt;

  const auto* flow = parsed.get();
  const auto has = [flow](nf_conntrack_attr attribute) {
    return nfct_attr_is_set(flow, attribute) > 0;
  };
  Flow expected;
  expected.family = nfct_get_attr_u8(flow, ATTR_L3PROTO);
  expected.protocol = nfct_get_attr_u8(flow, ATTR_L4PROTO);
  if (has(ATTR_TCP_STATE)) expected.state = nfct_get_attr_u8(flow, ATTR_TCP_STATE);
  if (has(ATTR_SCTP_STATE)) expected.state = nfct_get_attr_u8(flow, ATTR_SCTP_STATE);
  expected.status = nfct_get_attr_u32(flow, ATTR_STATUS);
  if (has(ATTR_TIMEOUT)) expected.timeout = nfct_get_attr_u32(flow, ATTR_TIMEOUT);
  if (has(ATTR_ZONE)) expected.zone = expected.reply_zone = nfct_get_attr_u16(flow, ATTR_ZONE);
  expected.original = OracleTuple(flow, kOriginal);
  expected.reply = OracleTuple(flow, kReply);
  if (has(ATTR_ORIG_ZONE)) expected.zone = nfct_get_attr_u16(flow, ATTR_ORIG_ZONE);
  if (has(ATTR_REPL_ZONE)) expected.reply_zone = nfct_get_attr_u16(flow, ATTR_REPL_ZONE);
  return expected;
}

/// Every message of one dump of this namespace, as the kernel wrote it.
std::vector<std::vector<std::byte>> DumpMessages() {
  auto port = test::OpenHostNetlink().value();
  const kernel::CtnetlinkRequest request(kernel::CtnetlinkQuery::kFlows, 1);
  EXPECT_TRUE(port->Send(request));
  const auto buffer = std::make_unique<kernel::ReceiveBuffer>();
  std::uint64_t skipped = 0;
  std::vector<std::vector<std::byte>> messages;
  const auto outcome = kernel::Receive(
      *port, request, *buffer, skipped,
      [&](Bytes payload) { messages.emplace_back(payload.begin(), payload.end()); },
      [] { return true; });
  EXPECT_TRUE(outcome.has_value());
  EXPECT_EQ(skipped, 0U);
  return messages;
}

class RealTable : public testing::Test {
 protected:
  // Once for the process: the namespace goes with it.
  static void SetUpTestSuite() {
    why_not_ = test::EnterOwnNamespace();
    if (why_not_.empty()) flows_ = test::FillVariedTable();
  }

  void SetUp() override {
    if (!why_not_.empty()) GTEST_SKIP() << "SKIPPED: no network namespace of our own: " << why_not_;
  }

  static std::string why_not_;
  static int flows_;
};

std::string RealTable::why_not_;
int RealTable::flows_ = 0;

TEST_F(RealTable, OurParserAgreesWithLibnetfilterConntrackOnEveryMessage) {
  const auto messages = DumpMessages();
  EXPECT_EQ(messages.size(), static_cast<std::size_t>(flows_));
  for (const auto& message : messages) {
    const auto ours = kernel::DecodeFlow(message);
    ASSERT_TRUE(ours.has_value());
    EXPECT_EQ(*ours, Oracle(message).value()) << "protocol " << int{ours->protocol};
  }
}

TEST_F(RealTable, HoldsEverythingThatThisTestIsAbout) {
  std::map<int, std::set<int>> states;
  std::set<int> protocols;
  std::set<int> zones;
  std::uint32_t status = 0;
  for (const auto& message : DumpMessages()) {
    const auto flow = kernel::DecodeFlow(message).value();
    protocols.insert(flow.protocol);
    zones.insert(flow.zone);
    status |= flow.status;
    if (flow.state) states[flow.protocol].insert(*flow.state);
  }
  EXPECT_THAT(protocols, testing::IsSupersetOf(std::vector<int>{IPPROTO_TCP, IPPROTO_UDP,
                                                                IPPROTO_ICMP, IPPROTO_ICMPV6,
                                                                IPPROTO_SCTP, IPPROTO_GRE, 253}));
  EXPECT_GE(states[IPPROTO_TCP].size(), 10U);
  EXPECT_GE(states[IPPROTO_SCTP].size(), 8U);
  EXPECT_THAT(zones, testing::UnorderedElementsAre(0, 7, 8));
  EXPECT_NE(status & IPS_SRC_NAT, 0U);
  EXPECT_NE(status & IPS_DST_NAT, 0U);
  EXPECT_NE(status & IPS_ASSURED, 0U);
}

TEST_F(RealTable, TheSourceDeliversTheWholeTable) {
  kernel::CtnetlinkFlowSource source(test::OpenHostNetlink, kernel::KernelFiles("/proc"),
                                     std::chrono::hours(1));
  FlowCounts counts;
  ASSERT_TRUE(source.Walk(counts, {}));
  EXPECT_EQ(counts.flows(), static_cast<std::uint64_t>(flows_));
  EXPECT_EQ(source.errors().skipped, 0U);
}

TEST_F(RealTable, BothSourcesOfStatisticsAgree) {
  const auto text = kernel::KernelFiles("/proc").Read(kernel::kProcStatPath);
  if (!text) GTEST_SKIP() << "SKIPPED: this kernel has no " << kernel::kProcStatPath;
  const auto from_file = kernel::ParseProcStat(*text, {}).value();
  const auto from_netlink = kernel::ReadStatPerCpu(test::OpenHostNetlink).value();
  ASSERT_EQ(from_file.cpus.size(), from_netlink.cpus.size());
  for (std::size_t i = 0; i < from_file.cpus.size(); ++i) {
    EXPECT_EQ(from_file.cpus[i].counters, from_netlink.cpus[i].counters) << "CPU " << i;
  }
}

TEST_F(RealTable, ExpectationsAreCounted) {
  EXPECT_EQ(kernel::ReadExpectations(test::OpenHostNetlink).value(), 1U);
  if (const auto text = kernel::KernelFiles("/proc").Read(kernel::kProcStatPath)) {
    EXPECT_EQ(kernel::ParseProcStat(*text, {})->expectations, 1U);
  }
}

TEST_F(RealTable, TableStatisticsHaveCountAndLimit) {
  const auto table = kernel::ReadTableStat(test::OpenHostNetlink);
  ASSERT_TRUE(table.has_value()) << table.error().message;
  EXPECT_EQ(table->entries, static_cast<std::uint32_t>(flows_));
  EXPECT_GT(table->limit.value_or(0), 0U);
}

}  // namespace
}  // namespace conntrack
