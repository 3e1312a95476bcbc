#include "kernel/netlink/ctnetlink_request.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cstring>

namespace conntrack::kernel {
namespace {

struct MessageTypes {
  std::uint16_t request;
  std::uint16_t reply;
  bool dump;
};

constexpr std::uint16_t Type(unsigned subsystem, unsigned message) {
  return static_cast<std::uint16_t>(subsystem << 8U | message);
}

// The allow-list. The kernel answers a GET of flows or expectations with messages of type NEW. It
// answers a GET of expectation statistics under the subsystem of flows
// (ctnetlink_exp_stat_fill_info(), seen on 6.18).
constexpr MessageTypes TypesOf(CtnetlinkQuery query) {
  switch (query) {
    case CtnetlinkQuery::kFlows:
      return {Type(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET),
              Type(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_NEW), true};
    case CtnetlinkQuery::kStatPerCpu:
      return {Type(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET_STATS_CPU),
              Type(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET_STATS_CPU), true};
    case CtnetlinkQuery::kStatGlobal:
      return {Type(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET_STATS),
              Type(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET_STATS), false};
    case CtnetlinkQuery::kExpectationsPerCpu:
      return {Type(NFNL_SUBSYS_CTNETLINK_EXP, IPCTNL_MSG_EXP_GET_STATS_CPU),
              Type(NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_EXP_GET_STATS_CPU), true};
    case CtnetlinkQuery::kExpectations:
      return {Type(NFNL_SUBSYS_CTNETLINK_EXP, IPCTNL_MSG_EXP_GET),
              Type(NFNL_SUBSYS_CTNETLINK_EXP, IPCTNL_MSG_EXP_NEW), true};
  }
  return {NLMSG_NOOP, NLMSG_NOOP, false};
}

}  // namespace

CtnetlinkRequest::CtnetlinkRequest(CtnetlinkQuery query, std::uint32_t sequence)
    : query_(query), sequence_(sequence) {
  static_assert(kSize == NLMSG_LENGTH(sizeof(nfgenmsg)));
  const auto types = TypesOf(query);
  nlmsghdr header{};
  header.nlmsg_len = kSize;
  header.nlmsg_type = types.request;
  header.nlmsg_flags = types.dump ? NLM_F_REQUEST | NLM_F_DUMP : NLM_F_REQUEST;
  header.nlmsg_seq = sequence;
  nfgenmsg family{};
  family.nfgen_family = AF_UNSPEC;  // both families in one walk of the table
  family.version = NFNETLINK_V0;
  std::memcpy(bytes_.data(), &header, sizeof(header));
  std::memcpy(bytes_.data() + NLMSG_HDRLEN, &family, sizeof(family));
}

std::uint16_t CtnetlinkRequest::reply_type() const { return TypesOf(query_).reply; }

bool CtnetlinkRequest::is_dump() const { return TypesOf(query_).dump; }

}  // namespace conntrack::kernel
