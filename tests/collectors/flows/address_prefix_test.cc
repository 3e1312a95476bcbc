#include "collectors/flows/address_prefix.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include "tests/support/message_builder.h"

namespace conntrack {
namespace {

using test::AddressOf;
using testing::HasSubstr;

TEST(AddressPrefix, IsWrittenWithItsLengthWhereThatIsNotTheWholeAddress) {
  for (const auto* text : {"10.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "192.168.254.0/23", "2001:db8::1",
                           "2001:db8::/64", "::/0", "fe80::/10", "2001:db8::8/125",
                           // As Kubernetes writes them (RFC 5952), for rules to join them.
                           "fd00:10:244::1:0:5", "2001:db8:0:1:1:1:1:1"}) {
    const auto prefix = ParseAddressPrefix(text);
    ASSERT_TRUE(prefix.has_value()) << prefix.error().message;
    EXPECT_EQ(ToString(*prefix), text);
  }
  EXPECT_EQ(ToString(ParseAddressPrefix("10.0.0.1/32").value()), "10.0.0.1");
  EXPECT_EQ(ToString(ParseAddressPrefix("::1/128").value()), "::1");
}

TEST(AddressPrefix, OfAnotherFamilyIsUnknown) {
  EXPECT_EQ(ToString(AddressPrefix{AF_UNIX, 0, {}}), "unknown");
  EXPECT_EQ(AddressBits(AF_UNIX), 0U);
}

TEST(ParseAddressPrefix, RefusesWhatIsNoNetworkAndSaysWhy) {
  for (const auto& [text, why] : std::vector<std::pair<const char*, const char*>>{
           {"", "is no IPv4 or IPv6 address"},
           {"ten", "is no IPv4 or IPv6 address"},
           {"10.0.0", "is no IPv4 or IPv6 address"},
           {"/8", "is no IPv4 or IPv6 address"},
           {"10.0.0.0/", "has no prefix length of 0 to 32"},
           {"10.0.0.0/33", "has no prefix length of 0 to 32"},
           {"10.0.0.0/-1", "has no prefix length of 0 to 32"},
           {"10.0.0.0/4294967296", "has no prefix length of 0 to 32"},
           {"::/129", "has no prefix length of 0 to 128"},
           {"10.0.0.1/8", "the network is 10.0.0.0/8"},
           {"2001:db8::1/64", "the network is 2001:db8::/64"}}) {
    const auto prefix = ParseAddressPrefix(text);
    ASSERT_FALSE(prefix.has_value()) << text;
    EXPECT_EQ(prefix.error().kind, ErrorKind::kMalformed);
    EXPECT_THAT(prefix.error().message, HasSubstr(why));
  }
}

TEST(Masked, KeepsTheFirstBitsAlone) {
  EXPECT_EQ(Masked(AddressOf("10.255.255.255"), MaskOf(9)), AddressOf("10.128.0.0"));
  EXPECT_EQ(Masked(AddressOf("10.1.2.3"), MaskOf(32)), AddressOf("10.1.2.3"));
  EXPECT_EQ(Masked(AddressOf("10.1.2.3"), MaskOf(0)), kernel::Address{});
  EXPECT_EQ(Masked(AddressOf("2001:db8::ffff:1"), MaskOf(64)), AddressOf("2001:db8::"));
  EXPECT_EQ(Masked(AddressOf("2001:db8::ffff:1"), MaskOf(128)), AddressOf("2001:db8::ffff:1"));
}

}  // namespace
}  // namespace conntrack
