#include "diagnosis/notrack_target.h"

#include <gmock/gmock.h>
#include <netinet/in.h>

#include "tests/support/machines.h"

namespace conntrack {
namespace {

using test::Target;
using testing::HasSubstr;

TEST(NotrackTarget, IsAServiceANameOrANetwork) {
  for (const auto* text : {"udp/53", "tcp/65535", "sctp/5060", "bgp", "ospf", "gre", "esp", "ipip",
                           "vxlan", "geneve", "10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "::1"}) {
    const auto target = ParseNotrackTarget(text);
    ASSERT_TRUE(target.has_value()) << text;
    EXPECT_EQ(ToString(*target), text);
  }
}

TEST(NotrackTarget, ANameIsThePortOrProtocolThatItStandsFor) {
  EXPECT_EQ(Target("bgp"), Target("tcp/179"));
  EXPECT_EQ(Target("vxlan"), Target("udp/4789"));
  EXPECT_EQ(Target("geneve"), Target("udp/6081"));
  EXPECT_EQ(Target("ospf"), (NotrackTarget{89, 0, {}}));
  EXPECT_EQ(Target("gre").protocol, IPPROTO_GRE);
  EXPECT_EQ(Target("esp").protocol, IPPROTO_ESP);
  EXPECT_EQ(Target("10.1.2.3/32"), Target("10.1.2.3"));
}

TEST(NotrackTarget, WhatIsNoneIsNamedWithWhatItCouldBe) {
  for (const auto& [text, reason] : std::vector<std::pair<const char*, const char*>>{
           {"", "is none of bgp, ospf"},
           {"53", "is none of bgp, ospf"},
           {"icmp/8", "is none of bgp, ospf"},
           {"OSPF", "is none of bgp, ospf"},
           {"udp", "is none of bgp, ospf"},
           {"udp/0", "has no port"},
           {"udp/", "has no port"},
           {"udp/65536", "has no port"},
           {"udp/53 ", "has no port"},
           {"10.0.0.0/33", "has no prefix length"},
           {"10.0.0.0/", "has no prefix length"},
           {"10.0.0.1/8", "the network is 10.0.0.0/8"},
           {"10.0.0", "is no IPv4 or IPv6 address"},
           {"2001:db8::/129", "has no prefix length"},
           {"fe80::1%eth0", "is no IPv4 or IPv6 address"},
           {"::ffff:10.0.0.1", "is in no packet"},
           {"::ffff:10.0.0.0/104", "is in no packet"},
           {"10.0.0.0/8;", "has no prefix length"}}) {
    const auto target = ParseNotrackTarget(text);
    ASSERT_FALSE(target.has_value()) << text;
    EXPECT_THAT(target.error().message,
                testing::AllOf(HasSubstr("\"" + std::string(text) + "\""), HasSubstr(reason)));
  }
}

kernel::Flow Flow(const char* source, const char* destination, std::uint8_t protocol,
                  std::uint16_t source_port = 0, std::uint16_t port = 0) {
  const auto from = ParseAddressPrefix(source).value();
  const auto to = ParseAddressPrefix(destination).value();
  kernel::Flow flow;
  flow.family = from.family;
  flow.protocol = protocol;
  flow.original = {from.address, to.address, source_port, port};
  flow.reply = {to.address, from.address, port, source_port};
  return flow;
}

TEST(NotrackTarget, ConcernsPacketsOfBothDirections) {
  const auto dns = Flow("10.0.0.1", "192.0.2.53", IPPROTO_UDP, 40000, 53);
  const auto from_dns = Flow("192.0.2.53", "10.0.0.1", IPPROTO_UDP, 53, 40000);
  for (const auto& flow : {dns, from_dns}) {
    EXPECT_TRUE(Concerns(Target("udp/53"), flow));
    EXPECT_FALSE(Concerns(Target("tcp/53"), flow));
    EXPECT_FALSE(Concerns(Target("udp/54"), flow));
    EXPECT_TRUE(Concerns(Target("10.0.0.0/8"), flow));
    EXPECT_TRUE(Concerns(Target("192.0.2.53"), flow));
    EXPECT_FALSE(Concerns(Target("192.0.2.52"), flow));
    EXPECT_FALSE(Concerns(Target("::/0"), flow));
  }
  const auto gre = Flow("2001:db8::1", "2001:db8:1::1", IPPROTO_GRE, 179, 179);
  EXPECT_TRUE(Concerns(Target("gre"), gre));
  EXPECT_FALSE(Concerns(Target("bgp"), gre));  // its keys are no ports
  EXPECT_TRUE(Concerns(Target("2001:db8:1::/48"), gre));
  EXPECT_FALSE(Concerns(Target("2001:db8:2::/48"), gre));
}

TEST(NotrackTarget, ConcernsAFlowByItsTranslatedAddressToo) {
  auto flow = Flow("192.168.0.1", "192.0.2.1", IPPROTO_TCP, 40000, 443);
  EXPECT_FALSE(Concerns(Target("203.0.113.0/24"), flow));
  flow.reply.destination = ParseAddressPrefix("203.0.113.7")->address;
  EXPECT_TRUE(Concerns(Target("203.0.113.0/24"), flow));
}

}  // namespace
}  // namespace conntrack
