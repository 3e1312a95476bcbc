#include "exporter/web/client/http_url.h"

#include <gmock/gmock.h>

namespace conntrack::exporter::web {
namespace {

using testing::HasSubstr;

std::string Read(std::string_view text) {
  const auto url = ParseHttpUrl(text);
  return url ? ToString(*url) : "refused: " + url.error().message;
}

std::string HealthOf(std::string_view listen_address) {
  const auto url = HealthUrlOf(listen_address);
  return url ? ToString(*url) : "refused: " + url.error().message;
}

TEST(ParseHttpUrl, ReadsHostPortAndPath) {
  EXPECT_EQ(Read("http://127.0.0.1:10318/-/ready"), "http://127.0.0.1:10318/-/ready");
  EXPECT_EQ(Read("HTTP://localhost:1/a?b=c/d:e"), "http://localhost:1/a?b=c/d:e");
  EXPECT_EQ(Read("http://[::1]:10318/x"), "http://[::1]:10318/x");
  EXPECT_EQ(Read("http://host?a"), "http://host:80/?a");
}

TEST(ParseHttpUrl, PortAndPathHaveDefaults) {
  EXPECT_EQ(Read("http://localhost"), "http://localhost:80/-/healthy");
  EXPECT_EQ(Read("http://[2001:db8::1]"), "http://[2001:db8::1]:80/-/healthy");
  EXPECT_EQ(Read("http://localhost:10318"), "http://localhost:10318/-/healthy");
  EXPECT_EQ(Read("http://localhost:10318/"), "http://localhost:10318/");
}

TEST(ParseHttpUrl, RefusesWhatItCannotAsk) {
  for (const auto* text : {"",
                           "localhost",
                           "127.0.0.1:10318",
                           "://",
                           "http:",
                           "http://",
                           "http:///x",
                           "http://:80",
                           "http://host:",
                           "http://host:0",
                           "http://host:65536",
                           "http://host:x",
                           "http://::1",
                           "http://[::1",
                           "http://[x]",
                           "http://1.2.3",
                           "ftp://host",
                           "unix:///run/x",
                           "http://a b/",
                           "http://host/\r\nX: y",
                           "http://host/#x",
                           "http://h\x80st/"}) {
    EXPECT_THAT(Read(text), HasSubstr("refused")) << text;
  }
}

TEST(ParseHttpUrl, HttpsIsTlsAndHasItsOwnPort) {
  EXPECT_EQ(Read("https://localhost:10318/x"), "https://localhost:10318/x");
  EXPECT_EQ(Read("HTTPS://[::1]"), "https://[::1]:443/-/healthy");
  EXPECT_TRUE(ParseHttpUrl("https://localhost")->tls);
  EXPECT_FALSE(ParseHttpUrl("http://localhost")->tls);
}

TEST(ParseHttpUrl, RefusesUsers) {
  const auto url = ParseHttpUrl("http://user:secret@localhost/");
  ASSERT_FALSE(url);
  EXPECT_THAT(url.error().remedy, HasSubstr("401"));
}

TEST(HealthUrlOf, WildcardsBecomeLoopback) {
  EXPECT_EQ(HealthOf(":10318"), "http://127.0.0.1:10318/-/healthy");
  EXPECT_EQ(HealthOf("10318"), "http://127.0.0.1:10318/-/healthy");
  EXPECT_EQ(HealthOf("0.0.0.0:10318"), "http://127.0.0.1:10318/-/healthy");
  EXPECT_EQ(HealthOf("[::]:10318"), "http://[::1]:10318/-/healthy");
}

TEST(HealthUrlOf, KeepsAddressesAndNames) {
  EXPECT_EQ(HealthOf("10.0.0.1:1"), "http://10.0.0.1:1/-/healthy");
  EXPECT_EQ(HealthOf("[2001:db8::1]:1"), "http://[2001:db8::1]:1/-/healthy");
  EXPECT_EQ(HealthOf("localhost:1"), "http://localhost:1/-/healthy");
}

TEST(HealthUrlOf, RefusesAPortThatNobodyKnows) {
  EXPECT_THAT(HealthOf(":0"), HasSubstr("refused"));
  EXPECT_THAT(HealthOf("nonsense:nonsense"), HasSubstr("refused"));
}

}  // namespace
}  // namespace conntrack::exporter::web
