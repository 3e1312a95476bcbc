#include "exporter/web/server/listen_address.h"

#include <gmock/gmock.h>

namespace conntrack::exporter::web {
namespace {

using testing::HasSubstr;

ListenAddress Parsed(std::string_view text) { return ParseListenAddress(text).value(); }

TEST(ListenAddress, PortAloneMeansEveryAddress) {
  EXPECT_EQ(Parsed(":10318"), (ListenAddress{":10318", "", 10318, false}));
  EXPECT_EQ(Parsed("10318"), (ListenAddress{"10318", "", 10318, false}));
}

TEST(ListenAddress, Ipv4NameAndIpv6) {
  EXPECT_EQ(Parsed("10.0.0.1:80"), (ListenAddress{"10.0.0.1:80", "10.0.0.1", 80, false}));
  EXPECT_EQ(Parsed("localhost:0"), (ListenAddress{"localhost:0", "localhost", 0, false}));
  EXPECT_EQ(Parsed("[::1]:65535"), (ListenAddress{"[::1]:65535", "::1", 65535, true}));
}

TEST(ListenAddress, LinkLocalWithItsInterface) {
  EXPECT_EQ(Parsed("[fe80::1%eth0.7]:80"),
            (ListenAddress{"[fe80::1%eth0.7]:80", "fe80::1%eth0.7", 80, true}));
}

TEST(ListenAddress, LeadingZerosAreDecimal) { EXPECT_EQ(Parsed(":010318").port, 10318); }

TEST(ListenAddress, RefusesWhatIsNone) {
  for (const auto* text : {"",
                           ":",
                           "abc",
                           "1.2.3.4",
                           "1.2.3.4:",
                           ":65536",
                           ":-1",
                           ":+1",
                           ": 80",
                           ":80 ",
                           "80s",
                           ":0x50",
                           "1.2.3.256:80",
                           "1.2.3:80",
                           "1.2.3.4.5:80",
                           "::1:80",
                           "::1",
                           "[::1]",
                           "[::1]80",
                           "[::1]:",
                           "[]:80",
                           "[1.2.3.4]:80",
                           "[::1:80",
                           "[::g]:80",
                           "[fe80::1%]:80",
                           "[fe80::1%a,b]:80",
                           "[fe80::1%eth0%eth1]:80",
                           "[fe80::1%sixteen-letters0]:80",
                           "[%eth0]:80",
                           "a b:80",
                           "a,b:80",
                           "http://x:80",
                           "host/path:80",
                           "\xc3\xa9:80"}) {
    const auto parsed = ParseListenAddress(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::kMalformed);
    EXPECT_THAT(parsed.error().remedy, HasSubstr(":10318"));
  }
}

TEST(ListenAddress, ErrorQuotesTheText) {
  EXPECT_EQ(ParseListenAddress("::1:80").error().message,
            "listen address \"::1:80\": an IPv6 address goes in brackets");
}

TEST(ListenAddress, FormatsWithBracketsForIpv6) {
  EXPECT_EQ(FormatAddress("0.0.0.0", 80, false), "0.0.0.0:80");
  EXPECT_EQ(FormatAddress("::1", 80, true), "[::1]:80");
}

}  // namespace
}  // namespace conntrack::exporter::web
