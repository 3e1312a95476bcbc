#include "kernel/netlink/flow_message.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <cstring>

namespace conntrack::kernel {
namespace {

struct Tuple {
  FlowTuple flow;
  std::optional<std::uint8_t> protocol;
  std::optional<std::uint16_t> zone;
};

void ReadAddress(Bytes value, Address& address) {
  if (value.size() <= address.size()) std::memcpy(address.data(), value.data(), value.size());
}

void ReadAddresses(Bytes attributes, FlowTuple& tuple) {
  ForEachAttribute(attributes, [&](std::uint16_t type, Bytes value) {
    if (type == CTA_IP_V4_SRC || type == CTA_IP_V6_SRC) ReadAddress(value, tuple.source);
    if (type == CTA_IP_V4_DST || type == CTA_IP_V6_DST) ReadAddress(value, tuple.destination);
  });
}

void ReadProtocol(Bytes attributes, Tuple& tuple) {
  ForEachAttribute(attributes, [&](std::uint16_t type, Bytes value) {
    if (type == CTA_PROTO_NUM) tuple.protocol = ReadU8(value);
    if (type == CTA_PROTO_SRC_PORT) tuple.flow.source_port = ReadBe16(value).value_or(0);
    if (type == CTA_PROTO_DST_PORT) tuple.flow.destination_port = ReadBe16(value).value_or(0);
  });
}

Tuple DecodeTuple(Bytes attributes) {
  Tuple tuple;
  ForEachAttribute(attributes, [&](std::uint16_t type, Bytes value) {
    if (type == CTA_TUPLE_IP) ReadAddresses(value, tuple.flow);
    if (type == CTA_TUPLE_PROTO) ReadProtocol(value, tuple);
    if (type == CTA_TUPLE_ZONE) tuple.zone = ReadBe16(value);
  });
  return tuple;
}

/// Returns the state in CTA_PROTOINFO, which nests an attribute for TCP, SCTP or DCCP. The state is
/// attribute 1 in each of them.
std::optional<std::uint8_t> DecodeState(Bytes attributes) {
  static_assert(CTA_PROTOINFO_TCP_STATE == 1 && CTA_PROTOINFO_SCTP_STATE == 1 &&
                CTA_PROTOINFO_DCCP_STATE == 1);
  std::optional<std::uint8_t> state;
  ForEachAttribute(attributes, [&](std::uint16_t, Bytes protocol_attributes) {
    ForEachAttribute(protocol_attributes, [&](std::uint16_t type, Bytes value) {
      if (type == CTA_PROTOINFO_TCP_STATE) state = ReadU8(value);
    });
  });
  return state;
}

constexpr std::size_t kHeaders = NLMSG_HDRLEN + sizeof(nfgenmsg);

std::optional<FlowEventKind> EventKindOf(const nlmsghdr& header) {
  if (NFNL_SUBSYS_ID(header.nlmsg_type) != NFNL_SUBSYS_CTNETLINK) return std::nullopt;
  switch (NFNL_MSG_TYPE(header.nlmsg_type)) {
    case IPCTNL_MSG_CT_NEW:
      return (header.nlmsg_flags & NLM_F_CREATE) != 0 ? FlowEventKind::kNew
                                                      : FlowEventKind::kUpdate;
    case IPCTNL_MSG_CT_DELETE:
      return FlowEventKind::kDestroy;
    default:
      return std::nullopt;
  }
}

std::optional<std::uint8_t> TupleProtocol(Bytes tuple) {
  std::optional<std::uint8_t> protocol;
  ForEachAttribute(tuple, [&](std::uint16_t part, Bytes attributes) {
    if (part != CTA_TUPLE_PROTO) return;
    ForEachAttribute(attributes, [&](std::uint16_t type, Bytes value) {
      if (type == CTA_PROTO_NUM) protocol = ReadU8(value);
    });
  });
  return protocol;
}

void ReadTimestamps(Bytes attributes, FlowEvent& event) {
  ForEachAttribute(attributes, [&](std::uint16_t type, Bytes value) {
    if (type == CTA_TIMESTAMP_START) event.start = ReadBe64(value);
    if (type == CTA_TIMESTAMP_STOP) event.stop = ReadBe64(value);
  });
}

}  // namespace

std::optional<Flow> DecodeFlow(Bytes payload) {
  if (payload.size() < sizeof(nfgenmsg)) return std::nullopt;
  Flow flow;
  flow.family = std::to_integer<std::uint8_t>(payload[offsetof(nfgenmsg, nfgen_family)]);
  Tuple original;
  Tuple reply;
  std::optional<std::uint32_t> status;
  const bool whole =
      ForEachAttribute(payload.subspan(sizeof(nfgenmsg)), [&](std::uint16_t type, Bytes value) {
        switch (type) {
          case CTA_TUPLE_ORIG:
            original = DecodeTuple(value);
            break;
          case CTA_TUPLE_REPLY:
            reply = DecodeTuple(value);
            break;
          case CTA_STATUS:
            status = ReadBe32(value);
            break;
          case CTA_TIMEOUT:
            flow.timeout = ReadBe32(value);
            break;
          case CTA_PROTOINFO:
            flow.state = DecodeState(value);
            break;
          case CTA_ZONE:
            flow.zone = flow.reply_zone = ReadBe16(value).value_or(0);
            break;
          default:
            break;
        }
      });
  if (!whole || !original.protocol || !status) return std::nullopt;
  flow.protocol = *original.protocol;
  flow.status = *status;
  flow.original = original.flow;
  flow.reply = reply.flow;
  if (original.zone) flow.zone = *original.zone;
  if (reply.zone) flow.reply_zone = *reply.zone;
  return flow;
}

std::optional<FlowEvent> DecodeFlowEvent(Bytes message) {
  if (message.size() < kHeaders) return std::nullopt;
  nlmsghdr header;
  std::memcpy(&header, message.data(), sizeof(header));
  const auto kind = EventKindOf(header);
  if (!kind) return std::nullopt;

  FlowEvent event{*kind, 0, {}, {}};
  std::optional<std::uint8_t> protocol;
  const bool whole =
      ForEachAttribute(message.subspan(kHeaders), [&](std::uint16_t type, Bytes value) {
        if (type == CTA_TUPLE_ORIG) protocol = TupleProtocol(value);
        if (type == CTA_TIMESTAMP) ReadTimestamps(value, event);
      });
  if (!whole || !protocol) return std::nullopt;
  event.protocol = *protocol;
  return event;
}

}  // namespace conntrack::kernel
