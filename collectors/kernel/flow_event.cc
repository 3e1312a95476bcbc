#include "collectors/kernel/flow_event.h"

// Before <linux/...>, which redefines parts of it otherwise.
#include <netinet/in.h>

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <memory>

namespace conntrack::kernel {
namespace {

struct DestroyParsed {
  void operator()(nf_conntrack* parsed) const { nfct_destroy(parsed); }
};

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

std::optional<std::uint64_t> Number(const nf_conntrack* parsed, nf_conntrack_attr attribute) {
  if (nfct_attr_is_set(parsed, attribute) <= 0) return std::nullopt;
  return nfct_get_attr_u64(parsed, attribute);
}

}  // namespace

std::optional<FlowEvent> DecodeFlowEvent(Bytes message) {
  if (message.size() < NLMSG_HDRLEN + sizeof(nfgenmsg)) return std::nullopt;
  nlmsghdr header;
  std::memcpy(&header, message.data(), sizeof(header));
  const auto kind = KindOf(header);
  if (!kind || header.nlmsg_len != message.size()) return std::nullopt;

  // One for each message: to parse a second one into the same leaks the security context and the
  // helper's data of the first (libnetfilter_conntrack 1.0.9), and leaves its timestamps set.
  const std::unique_ptr<nf_conntrack, DestroyParsed> parsed(nfct_new());
  if (!parsed ||
      nfct_nlmsg_parse(reinterpret_cast<const nlmsghdr*>(message.data()), parsed.get()) < 0 ||
      nfct_attr_is_set(parsed.get(), ATTR_ORIG_L4PROTO) <= 0) {
    return std::nullopt;
  }
  return FlowEvent{*kind, nfct_get_attr_u8(parsed.get(), ATTR_ORIG_L4PROTO),
                   Number(parsed.get(), ATTR_TIMESTAMP_START),
                   Number(parsed.get(), ATTR_TIMESTAMP_STOP)};
}

}  // namespace conntrack::kernel
