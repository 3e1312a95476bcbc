#include "collectors/flows/address_classes.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <random>

#include "tests/support/message_builder.h"

namespace conntrack {
namespace {

using test::AddressOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<AddressClass> Parsed(const std::vector<const char*>& texts) {
  std::vector<AddressClass> classes;
  for (const auto* text : texts) classes.push_back(ParseAddressClass(text).value());
  return classes;
}

std::string NameOf(const AddressClasses& classes, const char* address) {
  const bool ipv6 = std::string_view(address).find(':') != std::string_view::npos;
  return classes.names()[classes.IndexOf(ipv6 ? AF_INET6 : AF_INET, AddressOf(address))];
}

TEST(ParseAddressClass, TakesANetworkAndAName) {
  EXPECT_EQ(ParseAddressClass("10.0.0.0/8=in=side"),
            (AddressClass{ParseAddressPrefix("10.0.0.0/8").value(), "in=side"}));
}

TEST(ParseAddressClass, RefusesTheRestAndSaysWhy) {
  for (const auto& [text, why] : std::vector<std::pair<std::string, const char*>>{
           {"10.0.0.0/8", "is not CIDR=NAME"},
           {"=x", "is no IPv4 or IPv6 address"},
           {"10.0.0.9/8=x", "the network is 10.0.0.0/8"},
           {"10.0.0.0/8=", "the class of 10.0.0.0/8 has no name"},
           {"10.0.0.0/8=other", "cannot be \"other\""},
           {"10.0.0.0/8=a\nb", "no printable name"},
           {"10.0.0.0/8=\xff", "no printable name"}}) {
    const auto parsed = ParseAddressClass(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_THAT(parsed.error().message, HasSubstr(why));
  }
}

TEST(AddressClasses, TheLongestPrefixCountsWhateverTheOrder) {
  for (const auto& texts :
       {std::vector{"10.0.0.0/8=wide", "10.1.0.0/16=narrow", "10.1.2.3=host"},
        std::vector{"10.1.2.3=host", "10.1.0.0/16=narrow", "10.0.0.0/8=wide"}}) {
    const AddressClasses classes(Parsed(texts));
    EXPECT_EQ(NameOf(classes, "9.255.255.255"), "other");
    EXPECT_EQ(NameOf(classes, "10.0.0.0"), "wide");
    EXPECT_EQ(NameOf(classes, "10.1.0.0"), "narrow");
    EXPECT_EQ(NameOf(classes, "10.1.2.2"), "narrow");
    EXPECT_EQ(NameOf(classes, "10.1.2.3"), "host");
    EXPECT_EQ(NameOf(classes, "10.1.2.4"), "narrow");
    EXPECT_EQ(NameOf(classes, "10.1.255.255"), "narrow");
    EXPECT_EQ(NameOf(classes, "10.2.0.0"), "wide");
    EXPECT_EQ(NameOf(classes, "11.0.0.0"), "other");
  }
}

TEST(AddressClasses, FamiliesAreApartAndMayShareAName) {
  const AddressClasses classes(Parsed({"0.0.0.0/0=all", "2001:db8::/32=doc", "::/0=all"}));
  EXPECT_THAT(classes.names(), ElementsAre("all", "doc", "other"));
  EXPECT_EQ(NameOf(classes, "255.255.255.255"), "all");
  EXPECT_EQ(NameOf(classes, "2001:db8:ffff::1"), "doc");
  EXPECT_EQ(NameOf(classes, "2001:db9::"), "all");
  EXPECT_EQ(classes.names()[classes.IndexOf(AF_UNIX, {})], "other");
}

TEST(AddressClasses, NetworksThatTouchAndNetworksAtTheEnds) {
  const AddressClasses classes(Parsed({"0.0.0.0/1=low", "128.0.0.0/1=high", "0.0.0.0/2=first",
                                       "192.0.0.0/2=last", "255.255.255.255=broadcast"}));
  EXPECT_EQ(NameOf(classes, "0.0.0.0"), "first");
  EXPECT_EQ(NameOf(classes, "63.255.255.255"), "first");
  EXPECT_EQ(NameOf(classes, "64.0.0.0"), "low");
  EXPECT_EQ(NameOf(classes, "127.255.255.255"), "low");
  EXPECT_EQ(NameOf(classes, "128.0.0.0"), "high");
  EXPECT_EQ(NameOf(classes, "255.255.255.254"), "last");
  EXPECT_EQ(NameOf(classes, "255.255.255.255"), "broadcast");
}

TEST(AddressClasses, AgreeWithALookAtEveryNetwork) {
  std::mt19937 random(3);
  std::vector<AddressClass> given;
  for (int i = 0; i < 40; ++i) {
    const auto length = static_cast<unsigned>(random() % 13);
    const kernel::Address address{static_cast<std::uint8_t>(random()),
                                  static_cast<std::uint8_t>(random() & 0xf0U)};
    const AddressPrefix prefix{AF_INET, static_cast<std::uint8_t>(length),
                               Masked(address, MaskOf(length))};
    const bool known = std::any_of(given.begin(), given.end(),
                                   [&](const auto& of) { return of.prefix == prefix; });
    if (!known) given.push_back({prefix, "class" + std::to_string(i)});
  }
  const AddressClasses classes(given);
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; second += 15) {
      const kernel::Address address{static_cast<std::uint8_t>(first),
                                    static_cast<std::uint8_t>(second), 7};
      const AddressClass* longest = nullptr;
      for (const auto& of : given) {
        if (Masked(address, MaskOf(of.prefix.length)) != of.prefix.address) continue;
        if (longest == nullptr || of.prefix.length > longest->prefix.length) longest = &of;
      }
      EXPECT_EQ(classes.names()[classes.IndexOf(AF_INET, address)],
                longest == nullptr ? "other" : longest->name);
    }
  }
}

}  // namespace
}  // namespace conntrack
