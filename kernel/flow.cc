#include "kernel/flow.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace conntrack::kernel {
namespace {

constexpr std::array<std::string_view, 12> kTcpStates = {
    "NONE",     "SYN_SENT",  "SYN_RECV", "ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT",
    "LAST_ACK", "TIME_WAIT", "CLOSE",    "SYN_SENT2",   "UNKNOWN",  "OFFLOAD"};
constexpr std::size_t kTcpUnknown = 10;
constexpr std::size_t kTcpOffload = 11;

constexpr std::array<std::string_view, 11> kSctpStates = {
    "NONE",           "CLOSED",          "COOKIE_WAIT",   "COOKIE_ECHOED",
    "ESTABLISHED",    "SHUTDOWN_SENT",   "SHUTDOWN_RECD", "SHUTDOWN_ACK_SENT",
    "HEARTBEAT_SENT", "HEARTBEAT_ACKED", "UNKNOWN"};
constexpr std::size_t kSctpUnknown = 10;

constexpr std::array<std::string_view, 3> kReplyStates = {"UNREPLIED", "REPLIED", "ASSURED"};

static_assert(kTcpStates.size() <= kMaxStates && kSctpStates.size() <= kMaxStates);

constexpr std::array<StatusName, 11> kStatusTable = {{
    {"unreplied", IPS_SEEN_REPLY_BIT, false},
    {"assured", IPS_ASSURED_BIT, true},
    {"expected", IPS_EXPECTED_BIT, true},
    {"snat", IPS_SRC_NAT_BIT, true},
    {"dnat", IPS_DST_NAT_BIT, true},
    {"seq_adjust", IPS_SEQ_ADJUST_BIT, true},
    {"dying", IPS_DYING_BIT, true},
    {"fixed_timeout", IPS_FIXED_TIMEOUT_BIT, true},
    {"helper", IPS_HELPER_BIT, true},
    {"offload", IPS_OFFLOAD_BIT, true},
    {"hw_offload", IPS_HW_OFFLOAD_BIT, true},
}};

}  // namespace

std::size_t FamilyIndex(const Flow& flow) {
  if (flow.family == AF_INET) return 0;
  return flow.family == AF_INET6 ? 1 : 2;
}

std::string ProtocolName(std::uint8_t protocol) {
  constexpr std::pair<int, const char*> kNames[] = {
      {IPPROTO_ICMP, "icmp"}, {IPPROTO_TCP, "tcp"},        {IPPROTO_UDP, "udp"},
      {IPPROTO_DCCP, "dccp"}, {IPPROTO_GRE, "gre"},        {IPPROTO_ICMPV6, "icmpv6"},
      {IPPROTO_SCTP, "sctp"}, {IPPROTO_UDPLITE, "udplite"}};
  for (const auto& [number, name] : kNames) {
    if (number == protocol) return name;
  }
  return std::to_string(protocol);
}

bool IsTracked(std::uint8_t protocol) {
  constexpr int kOspf = 89;  // IPPROTO_* has no name for it
  constexpr std::array<int, kTrackedProtocols> kTracked = {
      IPPROTO_ICMP, IPPROTO_IGMP, IPPROTO_TCP,    IPPROTO_UDP, IPPROTO_DCCP, IPPROTO_GRE,
      IPPROTO_ESP,  IPPROTO_AH,   IPPROTO_ICMPV6, kOspf,       IPPROTO_SCTP, IPPROTO_UDPLITE};
  return std::ranges::find(kTracked, protocol) != kTracked.end();
}

bool HasPorts(std::uint8_t protocol) {
  return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE ||
         protocol == IPPROTO_SCTP || protocol == IPPROTO_DCCP;
}

std::span<const std::string_view> StateNames(std::uint8_t protocol) {
  if (protocol == IPPROTO_TCP) return kTcpStates;
  if (protocol == IPPROTO_SCTP) return kSctpStates;
  return kReplyStates;
}

std::size_t StateIndex(const Flow& flow) {
  switch (flow.protocol) {
    case IPPROTO_TCP:
      if ((flow.status & (IPS_OFFLOAD | IPS_HW_OFFLOAD)) != 0) return kTcpOffload;
      return flow.state && *flow.state < kTcpUnknown ? *flow.state : kTcpUnknown;
    case IPPROTO_SCTP:
      return flow.state && *flow.state < kSctpUnknown ? *flow.state : kSctpUnknown;
    default:
      if ((flow.status & IPS_SEEN_REPLY) == 0) return 0;
      return (flow.status & IPS_ASSURED) == 0 ? 1 : 2;
  }
}

std::span<const StatusName> StatusNames() { return kStatusTable; }

}  // namespace conntrack::kernel
