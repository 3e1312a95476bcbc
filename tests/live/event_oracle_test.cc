// Our reading of events against libnetfilter_conntrack, on every event of a varied real table.
#include <gmock/gmock.h>
// Before <linux/...>, which redefines parts of it otherwise.
#include <netinet/in.h>

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <thread>

#include "kernel/netlink/flow_message.h"
#include "kernel/netlink/netlink_socket.h"
#include "tests/live/varied_table.h"
#include "tests/support/host_netlink.h"

namespace conntrack {
namespace {

using kernel::FlowEvent;
using kernel::FlowEventKind;
using Message = std::vector<std::byte>;

std::optional<std::uint64_t> Number(const nf_conntrack* flow, nf_conntrack_attr attribute) {
  if (nfct_attr_is_set(flow, attribute) <= 0) return std::nullopt;
  return nfct_get_attr_u64(flow, attribute);
}

/// What libnetfilter_conntrack makes of the same message; it does not tell the kind.
FlowEvent Oracle(const Message& message, FlowEventKind kind) {
  const std::unique_ptr<nf_conntrack, decltype(&nfct_destroy)> flow(nfct_new(), nfct_destroy);
  EXPECT_EQ(nfct_nlmsg_parse(reinterpret_cast<const nlmsghdr*>(message.data()), flow.get()), 0);
  return {kind, nfct_get_attr_u8(flow.get(), ATTR_ORIG_L4PROTO),
          Number(flow.get(), ATTR_TIMESTAMP_START), Number(flow.get(), ATTR_TIMESTAMP_STOP)};
}

/// Until so many flows have gone: one that expires may be on its way out on another CPU.
void ReceiveAll(kernel::EventSocket& port, int flows, std::vector<Message>& messages) {
  const auto gone = [&messages] {
    return std::count_if(messages.begin(), messages.end(), [](const Message& message) {
      const auto event = kernel::DecodeFlowEvent(message);
      return event && event->kind == FlowEventKind::kDestroy;
    });
  };
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (gone() < flows && std::chrono::steady_clock::now() < end) {
    const auto datagrams = port.Receive();
    ASSERT_TRUE(datagrams.has_value()) << datagrams.error().message;
    if (datagrams->empty()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    for (const auto datagram : *datagrams) messages.emplace_back(datagram.begin(), datagram.end());
  }
}

/// Empties the table of this namespace.
void Flush() {
  const std::unique_ptr<nfct_handle, decltype(&nfct_close)> handle(nfct_open(CONNTRACK, 0),
                                                                   nfct_close);
  ASSERT_NE(handle, nullptr);
  for (std::uint32_t family : {std::uint32_t{AF_INET}, std::uint32_t{AF_INET6}})
    ASSERT_EQ(nfct_query(handle.get(), NFCT_Q_FLUSH, &family), 0);
}

TEST(RealEvents, AreReadAsLibnetfilterConntrackReadsThem) {
  const auto why_not = test::EnterOwnNamespace();
  if (!why_not.empty()) GTEST_SKIP() << "SKIPPED: no network namespace of our own: " << why_not;
  const auto port = kernel::OpenEventSocket(*test::HostPresence(), std::size_t{1} << 20).value();
  std::vector<Message> messages;
  const int flows = test::FillVariedTable();
  Flush();
  ReceiveAll(*port, flows, messages);

  std::map<FlowEventKind, int> seen;
  for (const auto& message : messages) {
    const auto ours = kernel::DecodeFlowEvent(message);
    ASSERT_TRUE(ours.has_value());
    EXPECT_EQ(*ours, Oracle(message, ours->kind)) << "protocol " << int{ours->protocol};
    ++seen[ours->kind];
    if (ours->kind == FlowEventKind::kDestroy) {
      EXPECT_TRUE(ours->start.has_value());
      EXPECT_GE(ours->stop, ours->start);
    }
  }
  EXPECT_EQ(seen[FlowEventKind::kNew], flows);
  EXPECT_EQ(seen[FlowEventKind::kDestroy], flows);
  EXPECT_EQ(port->lost().value_or(0), 0U);
}

}  // namespace
}  // namespace conntrack
