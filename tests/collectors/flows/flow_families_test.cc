#include "collectors/flows/flow_families.h"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/support/families.h"

namespace conntrack {
namespace {

using test::ValueOf;

kernel::Flow FlowOf(std::uint8_t protocol, std::uint16_t zone = 0) {
  return {.family = AF_INET,
          .protocol = protocol,
          .state = {},
          .status = 0,
          .timeout = 5,
          .zone = zone};
}

TEST(FlowFamilies, CommonProtocolsAreThereWithZeros) {
  const auto families = FlowFamilies(FlowCounts(), 8);
  EXPECT_EQ(ValueOf(families, "conntrack_flows",
                    {{"family", "ipv6"}, {"protocol", "tcp"}, {"state", "CLOSE_WAIT"}}),
            0);
  EXPECT_EQ(ValueOf(families, "conntrack_flows",
                    {{"family", "ipv4"}, {"protocol", "icmp"}, {"state", "REPLIED"}}),
            0);
  EXPECT_FALSE(ValueOf(families, "conntrack_flows",
                       {{"family", "ipv4"}, {"protocol", "icmpv6"}, {"state", "REPLIED"}}));
  EXPECT_FALSE(ValueOf(families, "conntrack_flows",
                       {{"family", "ipv4"}, {"protocol", "gre"}, {"state", "REPLIED"}}));
}

TEST(FlowFamilies, OtherProtocolsAppearWithTheirFirstFlow) {
  FlowCounts counts;
  counts.Visit(FlowOf(253));
  const auto families = FlowFamilies(counts, 8);
  EXPECT_EQ(ValueOf(families, "conntrack_flows",
                    {{"family", "ipv4"}, {"protocol", "253"}, {"state", "UNREPLIED"}}),
            1);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_with_status",
                    {{"family", "ipv4"}, {"protocol", "253"}, {"status", "unreplied"}}),
            1);
}

TEST(FlowFamilies, ZonesBeyondTheCapAreSummedUpSoThatTheSumIsTheTable) {
  FlowCounts counts;
  for (std::uint16_t zone = 0; zone < 10; ++zone) {
    for (int flow = 0; flow <= zone; ++flow) counts.Visit(FlowOf(IPPROTO_UDP, zone));
  }
  const auto families = FlowFamilies(counts, 3);
  const auto* zones = test::FindFamily(families, "conntrack_flows_by_zone");
  ASSERT_EQ(zones->samples.size(), 4U);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_by_zone", {{"zone", "9"}}), 10);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_by_zone", {{"zone", "other"}}), 55 - 10 - 9 - 8);
}

}  // namespace
}  // namespace conntrack
