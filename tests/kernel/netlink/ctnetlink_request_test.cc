#include "kernel/netlink/ctnetlink_request.h"

#include <gmock/gmock.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cstring>
#include <set>
#include <type_traits>

#include "kernel/netlink/netlink_socket.h"

namespace conntrack::kernel {
namespace {

// Every value that the type can have: a query added to the enumeration lands in here, not in a list
// that forgets it.
std::vector<CtnetlinkQuery> EveryQuery() {
  std::vector<CtnetlinkQuery> queries;
  for (unsigned value = 0; value < 256; ++value) {
    queries.push_back(static_cast<CtnetlinkQuery>(value));
  }
  return queries;
}

nlmsghdr HeaderOf(const CtnetlinkRequest& request) {
  nlmsghdr header;
  std::memcpy(&header, request.bytes().data(), sizeof(header));
  return header;
}

TEST(CtnetlinkRequest, NoTypeButGetCanLeave) {
  const std::set<unsigned> reading = {
      NLMSG_NOOP,  // what a value outside of the enumeration makes: netlink ignores it
      NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET,
      NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET_STATS_CPU,
      NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET_STATS,
      NFNL_SUBSYS_CTNETLINK_EXP << 8 | IPCTNL_MSG_EXP_GET_STATS_CPU,
      NFNL_SUBSYS_CTNETLINK_EXP << 8 | IPCTNL_MSG_EXP_GET,
  };
  for (const auto query : EveryQuery()) {
    const auto header = HeaderOf(CtnetlinkRequest(query, 1));
    EXPECT_EQ(reading.count(header.nlmsg_type), 1U) << "type " << header.nlmsg_type;
    // Bits that ask to create or replace mean ROOT and MATCH in a GET: nothing but whole dumps may
    // set them.
    EXPECT_TRUE(header.nlmsg_flags == NLM_F_REQUEST ||
                header.nlmsg_flags == (NLM_F_REQUEST | NLM_F_DUMP))
        << "flags " << header.nlmsg_flags;
  }
}

TEST(CtnetlinkRequest, APortTakesNothingElse) {
  // Bytes, headers and strings do not turn into a request, and a request does not change once it is
  // made.
  static_assert(!std::is_convertible_v<std::span<const std::byte>, CtnetlinkRequest>);
  static_assert(!std::is_constructible_v<CtnetlinkRequest, std::span<const std::byte>>);
  static_assert(!std::is_default_constructible_v<CtnetlinkRequest>);
  static_assert(std::is_same_v<decltype(std::declval<CtnetlinkRequest&>().bytes()),
                               std::span<const std::byte>>);
  static_assert(std::is_same_v<decltype(&NetlinkSocket::Send),
                               Result<void> (NetlinkSocket::*)(const CtnetlinkRequest&)>);
}

TEST(CtnetlinkRequest, IsOneWholeMessageForBothFamilies) {
  const CtnetlinkRequest request(CtnetlinkQuery::kFlows, 7);
  const auto header = HeaderOf(request);
  EXPECT_EQ(header.nlmsg_len, request.bytes().size());
  EXPECT_EQ(header.nlmsg_seq, 7U);
  EXPECT_EQ(header.nlmsg_flags & NLM_F_DUMP, NLM_F_DUMP);
  EXPECT_EQ(std::to_integer<int>(request.bytes()[NLMSG_HDRLEN]), AF_UNSPEC);
}

TEST(CtnetlinkRequest, ExpectationsAreDumped) {
  const CtnetlinkRequest request(CtnetlinkQuery::kExpectations, 1);
  const auto header = HeaderOf(request);
  EXPECT_EQ(header.nlmsg_type, NFNL_SUBSYS_CTNETLINK_EXP << 8 | IPCTNL_MSG_EXP_GET);
  EXPECT_EQ(header.nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
  EXPECT_TRUE(request.is_dump());
}

TEST(CtnetlinkRequest, TableStatisticsAreNotDumped) {
  const CtnetlinkRequest request(CtnetlinkQuery::kStatGlobal, 1);
  EXPECT_FALSE(request.is_dump());
  EXPECT_EQ(HeaderOf(request).nlmsg_flags, NLM_F_REQUEST);
}

}  // namespace
}  // namespace conntrack::kernel
