#include "tests/support/flow_mix.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <array>

namespace conntrack::fill {

namespace {

constexpr std::uint32_t kReplied = IPS_SEEN_REPLY;
constexpr std::uint32_t kAssured = IPS_SEEN_REPLY | IPS_ASSURED;
constexpr std::uint8_t kOspf = 89;  // the kernel tracks it by addresses only
constexpr std::uint8_t kTest = 253;
constexpr std::uint32_t kPorts = 60000;
constexpr std::uint16_t kFirstPort = 1024;

constexpr std::array kMixed = {
    Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_NONE, 0},
    Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_SYN_SENT, 0},
    Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_SYN_RECV, kReplied},
    Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_ESTABLISHED, kAssured},
    Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_FIN_WAIT, kAssured},
    Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_CLOSE_WAIT, kAssured},
    Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_LAST_ACK, kAssured},
    Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_TIME_WAIT, kAssured},
    Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_CLOSE, kReplied},
    Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_SYN_SENT2, kReplied},
    Shape{AF_INET6, IPPROTO_TCP, TCP_CONNTRACK_SYN_SENT, 0},
    Shape{AF_INET6, IPPROTO_TCP, TCP_CONNTRACK_ESTABLISHED, kAssured},
    Shape{AF_INET6, IPPROTO_TCP, TCP_CONNTRACK_ESTABLISHED, 0},  // picked up in mid-stream
    Shape{AF_INET6, IPPROTO_TCP, TCP_CONNTRACK_TIME_WAIT, kAssured},
    Shape{AF_INET, IPPROTO_UDP, 0, 0},
    Shape{AF_INET, IPPROTO_UDP, 0, kReplied},
    Shape{AF_INET, IPPROTO_UDP, 0, kAssured},
    Shape{AF_INET6, IPPROTO_UDP, 0, 0},
    Shape{AF_INET6, IPPROTO_UDP, 0, kAssured},
    Shape{AF_INET, IPPROTO_ICMP, 0, 0},
    Shape{AF_INET, IPPROTO_ICMP, 0, kReplied},
    Shape{AF_INET6, IPPROTO_ICMPV6, 0, 0},
    Shape{AF_INET6, IPPROTO_ICMPV6, 0, kReplied},
    Shape{AF_INET, IPPROTO_SCTP, 1, 0},         // CLOSED
    Shape{AF_INET, IPPROTO_SCTP, 2, 0},         // COOKIE_WAIT
    Shape{AF_INET, IPPROTO_SCTP, 4, kAssured},  // ESTABLISHED
    Shape{AF_INET6, IPPROTO_SCTP, 4, kAssured},
    Shape{AF_INET6, IPPROTO_SCTP, 7, kReplied},  // SHUTDOWN_ACK_SENT
    Shape{AF_INET6, IPPROTO_SCTP, 8, 0},         // HEARTBEAT_SENT
    Shape{AF_INET, IPPROTO_GRE, 0, 0},
    Shape{AF_INET, IPPROTO_GRE, 0, kAssured},
    Shape{AF_INET6, IPPROTO_GRE, 0, kReplied},
    Shape{AF_INET, kOspf, 0, 0},
    Shape{AF_INET, kTest, 0, kReplied},
    Shape{AF_INET6, kTest, 0, kAssured},
    Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_ESTABLISHED, kAssured, Nat::kSource},
    Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_ESTABLISHED, kAssured, Nat::kDestination},
    Shape{AF_INET6, IPPROTO_UDP, 0, kReplied, Nat::kSource},
    Shape{AF_INET, IPPROTO_UDP, 0, kReplied, Nat::kNone, 7, ZoneSide::kBoth},
    Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_ESTABLISHED, kAssured, Nat::kNone, 9,
          ZoneSide::kOriginal},
    Shape{AF_INET6, IPPROTO_UDP, 0, kReplied, Nat::kNone, 11, ZoneSide::kReply},
    Shape{AF_INET6, IPPROTO_TCP, TCP_CONNTRACK_CLOSE_WAIT, kAssured, Nat::kNone, 65535,
          ZoneSide::kBoth, 42},
};

/// Where flow number `index` comes from and goes to. Every number has its own (host, port,
/// destination).
struct Endpoints {
  std::uint32_t source;       // number of the source address
  std::uint16_t port;         // source port, ICMP id or GRE key
  std::uint32_t destination;  // number of the destination address
};

Endpoints EndpointsOf(const Shape& shape, std::uint32_t index, std::uint32_t sources) {
  if (shape.protocol == kOspf || shape.protocol == kTest) {  // no ports: the addresses must differ
    return {index & 0xffff, 0, index >> 16};
  }
  const std::uint32_t turn = index / sources;
  return {index % sources, static_cast<std::uint16_t>(kFirstPort + turn % kPorts), turn / kPorts};
}

/// An address of a test network: IPv4 `base` + number, IPv6 fd00:<high 16 bits of base>::number.
void PutAddress(nlmsghdr* message, const Shape& shape, std::uint16_t v4, std::uint16_t v6,
                std::uint32_t base, std::uint32_t number) {
  if (shape.family == AF_INET) {
    mnl_attr_put_u32(message, v4, htonl(base + number));
    return;
  }
  const std::array<std::uint32_t, 4> address = {htonl(0xfd000000U | base >> 16), 0, 0,
                                                htonl(number)};
  mnl_attr_put(message, v6, sizeof(address), address.data());
}

constexpr std::uint32_t kSourceNet = 0x0a000000;       // 10.0.0.0
constexpr std::uint32_t kDestinationNet = 0xac100000;  // 172.16.0.0
constexpr std::uint32_t kSnatNet = 0xc6120000;         // 198.18.0.0
constexpr std::uint32_t kDnatNet = 0xc0a80000;         // 192.168.0.0

void PutPorts(nlmsghdr* message, const Shape& shape, const Endpoints& ends, bool reply) {
  mnl_attr_put_u8(message, CTA_PROTO_NUM, shape.protocol);
  switch (shape.protocol) {
    case IPPROTO_ICMP:
      mnl_attr_put_u16(message, CTA_PROTO_ICMP_ID, htons(ends.port));
      mnl_attr_put_u8(message, CTA_PROTO_ICMP_TYPE, reply ? ICMP_ECHOREPLY : ICMP_ECHO);
      mnl_attr_put_u8(message, CTA_PROTO_ICMP_CODE, 0);
      return;
    case IPPROTO_ICMPV6:
      mnl_attr_put_u16(message, CTA_PROTO_ICMPV6_ID, htons(ends.port));
      mnl_attr_put_u8(message, CTA_PROTO_ICMPV6_TYPE,
                      reply ? ICMP6_ECHO_REPLY : ICMP6_ECHO_REQUEST);
      mnl_attr_put_u8(message, CTA_PROTO_ICMPV6_CODE, 0);
      return;
    case kOspf:
    case kTest:
      return;
    default:
      mnl_attr_put_u16(message, CTA_PROTO_SRC_PORT, htons(reply ? shape.service : ends.port));
      mnl_attr_put_u16(message, CTA_PROTO_DST_PORT, htons(reply ? ends.port : shape.service));
  }
}

void PutTuple(nlmsghdr* message, const Shape& shape, const Endpoints& ends, bool reply) {
  nlattr* tuple = mnl_attr_nest_start(message, reply ? CTA_TUPLE_REPLY : CTA_TUPLE_ORIG);
  nlattr* addresses = mnl_attr_nest_start(message, CTA_TUPLE_IP);
  PutAddress(message, shape, reply ? CTA_IP_V4_DST : CTA_IP_V4_SRC,
             reply ? CTA_IP_V6_DST : CTA_IP_V6_SRC, kSourceNet, ends.source);
  PutAddress(message, shape, reply ? CTA_IP_V4_SRC : CTA_IP_V4_DST,
             reply ? CTA_IP_V6_SRC : CTA_IP_V6_DST, kDestinationNet, ends.destination);
  mnl_attr_nest_end(message, addresses);
  nlattr* ports = mnl_attr_nest_start(message, CTA_TUPLE_PROTO);
  PutPorts(message, shape, ends, reply);
  mnl_attr_nest_end(message, ports);
  const ZoneSide side = reply ? ZoneSide::kReply : ZoneSide::kOriginal;
  if (shape.zone != 0 && shape.zone_side == side) {
    mnl_attr_put_u16(message, CTA_TUPLE_ZONE, htons(shape.zone));
  }
  mnl_attr_nest_end(message, tuple);
}

void PutState(nlmsghdr* message, const Shape& shape) {
  if (shape.protocol != IPPROTO_TCP && shape.protocol != IPPROTO_SCTP) {
    return;
  }
  nlattr* info = mnl_attr_nest_start(message, CTA_PROTOINFO);
  if (shape.protocol == IPPROTO_TCP) {
    nlattr* tcp = mnl_attr_nest_start(message, CTA_PROTOINFO_TCP);
    mnl_attr_put_u8(message, CTA_PROTOINFO_TCP_STATE, shape.state);
    mnl_attr_nest_end(message, tcp);
  } else {
    nlattr* sctp = mnl_attr_nest_start(message, CTA_PROTOINFO_SCTP);
    mnl_attr_put_u8(message, CTA_PROTOINFO_SCTP_STATE, shape.state);
    mnl_attr_put_u32(message, CTA_PROTOINFO_SCTP_VTAG_ORIGINAL, htonl(1));
    mnl_attr_put_u32(message, CTA_PROTOINFO_SCTP_VTAG_REPLY, htonl(2));
    mnl_attr_nest_end(message, sctp);
  }
  mnl_attr_nest_end(message, info);
}

void PutNat(nlmsghdr* message, const Shape& shape, std::uint32_t index) {
  if (shape.nat == Nat::kNone) {
    return;
  }
  const bool source = shape.nat == Nat::kSource;
  const std::uint32_t net = source ? kSnatNet : kDnatNet;
  const std::uint32_t host = index & 0xffff;
  nlattr* nat = mnl_attr_nest_start(message, source ? CTA_NAT_SRC : CTA_NAT_DST);
  PutAddress(message, shape, CTA_NAT_V4_MINIP, CTA_NAT_V6_MINIP, net, host);
  PutAddress(message, shape, CTA_NAT_V4_MAXIP, CTA_NAT_V6_MAXIP, net, host);
  mnl_attr_nest_end(message, nat);
}

}  // namespace

std::vector<Shape> TcpShapes() {
  return {Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_ESTABLISHED, 0}};
}

std::vector<Shape> SnatShapes() {
  return {Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_ESTABLISHED, 0, Nat::kSource}};
}

std::vector<Shape> MixedShapes() {
  std::vector<Shape> shapes;
  for (std::size_t n = 0; n < kMixed.size(); ++n) {
    shapes.insert(shapes.end(), n + 1, kMixed[n]);
  }
  return shapes;
}

std::vector<Shape> SynFloodShapes() {
  return {Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_SYN_SENT, 0},
          Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_SYN_SENT, 0},
          Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_SYN_RECV, kReplied}};
}

std::vector<Shape> CloseWaitShapes() {
  return {Shape{AF_INET, IPPROTO_TCP, TCP_CONNTRACK_CLOSE_WAIT, kAssured}};
}

std::vector<Shape> DnsShapes() {
  Shape lookup{AF_INET, IPPROTO_UDP, 0, 0};
  lookup.service = 53;
  return {lookup};
}

nlmsghdr* BuildFlow(void* buffer, const Shape& shape, std::uint32_t index,
                    const FillOptions& options) {
  nlmsghdr* message = mnl_nlmsg_put_header(buffer);
  message->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL;
  auto* header = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
  header->nfgen_family = shape.family;
  header->version = NFNETLINK_V0;

  const Endpoints ends = EndpointsOf(shape, index, options.sources);
  PutTuple(message, shape, ends, false);
  PutTuple(message, shape, ends, true);
  if (shape.zone != 0 && shape.zone_side == ZoneSide::kBoth) {
    mnl_attr_put_u16(message, CTA_ZONE, htons(shape.zone));
  }
  mnl_attr_put_u32(message, CTA_STATUS,
                   htonl(shape.status | IPS_CONFIRMED | (options.assured ? kAssured : 0)));
  const std::uint32_t timeout = options.timeout != 0 ? options.timeout : 600 + index * 37 % 85800;
  mnl_attr_put_u32(message, CTA_TIMEOUT, htonl(timeout));
  mnl_attr_put_u32(message, CTA_MARK, htonl(shape.mark));
  PutState(message, shape);
  PutNat(message, shape, index);
  if (options.labels) {
    const std::array<std::uint32_t, 4> bits = {1U << index % 32, 0, 0, 1};
    mnl_attr_put(message, CTA_LABELS, sizeof(bits), bits.data());
  }
  return message;
}

}  // namespace conntrack::fill
