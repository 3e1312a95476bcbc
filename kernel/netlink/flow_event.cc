#include "kernel/netlink/flow_event.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

namespace conntrack::kernel {
namespace {

constexpr std::size_t kHeaders = NLMSG_HDRLEN + sizeof(nfgenmsg);

std::optional<FlowEventKind> KindOf(const nlmsghdr& header) {
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

std::optional<std::uint8_t> ReadProtocol(Bytes tuple) {
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

std::optional<FlowEvent> DecodeFlowEvent(Bytes message) {
  if (message.size() < kHeaders) return std::nullopt;
  nlmsghdr header;
  std::memcpy(&header, message.data(), sizeof(header));
  const auto kind = KindOf(header);
  if (!kind) return std::nullopt;

  FlowEvent event{*kind, 0, {}, {}};
  std::optional<std::uint8_t> protocol;
  const bool whole =
      ForEachAttribute(message.subspan(kHeaders), [&](std::uint16_t type, Bytes value) {
        if (type == CTA_TUPLE_ORIG) protocol = ReadProtocol(value);
        if (type == CTA_TIMESTAMP) ReadTimestamps(value, event);
      });
  if (!whole || !protocol) return std::nullopt;
  event.protocol = *protocol;
  return event;
}

}  // namespace conntrack::kernel
