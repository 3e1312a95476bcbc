#include "kernel/netlink/expectation.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <algorithm>

#include "kernel/netlink/ctnetlink_exchange.h"

namespace conntrack::kernel {

Result<std::string> ParseExpectationHelper(Bytes payload) {
  if (payload.size() < sizeof(nfgenmsg)) {
    return Fail(ErrorKind::kMalformed,
                "ctnetlink sent an expectation of " + std::to_string(payload.size()) + " bytes");
  }
  std::string name;
  const bool whole = ForEachAttribute(
      payload.subspan(NLMSG_ALIGN(sizeof(nfgenmsg))), [&name](std::uint16_t type, Bytes value) {
        if (type != CTA_EXPECT_HELP_NAME) return;
        name.assign(reinterpret_cast<const char*>(value.data()), value.size());
        name.resize(std::min(name.find('\0'), name.size()));
      });
  if (!whole) {
    return Fail(ErrorKind::kMalformed, "ctnetlink sent an expectation that is cut off");
  }
  return name;
}

Result<HelperCounts> CountExpectationsByHelper(const NetlinkSocketFactory& open) {
  return QueryValue<HelperCounts>(open, CtnetlinkQuery::kExpectations,
                                  [](Bytes payload, HelperCounts& counts) {
                                    return ParseExpectationHelper(payload).map(
                                        [&counts](const std::string& helper) { ++counts[helper]; });
                                  });
}

}  // namespace conntrack::kernel
