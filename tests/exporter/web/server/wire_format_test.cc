#include "exporter/web/server/wire_format.h"

#include <gmock/gmock.h>

namespace conntrack::exporter::web {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr std::time_t kMoment = 784111777;  // the example of RFC 9110, 5.6.7

TEST(ToWire, IsAWholeAnswer) {
  HttpResponse response = PlainText(200, "body\n");
  response.headers = {{"Vary", "Accept-Encoding"}};
  EXPECT_EQ(ToWire(response, {.head_only = false, .keep_alive = true, .now = kMoment}),
            "HTTP/1.1 200 OK\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 5\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Vary: Accept-Encoding\r\n"
            "Connection: keep-alive\r\n"
            "\r\n"
            "body\n");
}

TEST(ToWire, HeadHasTheHeadersOfTheBodyItLeavesOut) {
  const HttpResponse response = PlainText(200, "body\n");
  const std::string get = ToWire(response, {.head_only = false, .keep_alive = false, .now = 0});
  const std::string head = ToWire(response, {.head_only = true, .keep_alive = false, .now = 0});
  EXPECT_EQ(get, head + "body\n");
  EXPECT_THAT(head, HasSubstr("Connection: close\r\n"));
}

TEST(ToWire, SaysWhatTheStatusMeans) {
  EXPECT_THAT(ToWire(PlainText(503, ""), {}), HasSubstr("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(ToWire(PlainText(418, ""), {}), HasSubstr("HTTP/1.1 418 Unknown\r\n"));
}

TEST(ToWire, LeavesOutHeadersThatWouldBreakTheHead) {
  HttpResponse response = PlainText(200, "");
  response.headers = {{"A", "1\r\nSet-Cookie: x"}, {"B\n", "2"}, {"C", "3"}};
  const std::string wire = ToWire(response, {});
  EXPECT_THAT(wire, Not(HasSubstr("Set-Cookie")));
  EXPECT_THAT(wire, Not(HasSubstr("B")));
  EXPECT_THAT(wire, HasSubstr("\r\nC: 3\r\n"));
}

bool KeepAlive(std::string version, std::vector<HttpHeader> headers) {
  HttpRequest request;
  request.http_version = std::move(version);
  request.headers = std::move(headers);
  return MayKeepAlive(request);
}

TEST(MayKeepAlive, FollowsTheVersionWithoutAWish) {
  EXPECT_TRUE(KeepAlive("1.1", {}));
  EXPECT_FALSE(KeepAlive("1.0", {}));
  EXPECT_FALSE(KeepAlive("", {}));
}

TEST(MayKeepAlive, FollowsTheWishOfTheClient) {
  EXPECT_TRUE(KeepAlive("1.0", {{"connection", "Keep-Alive"}}));
  EXPECT_TRUE(KeepAlive("1.1", {{"Connection", "foo, keep-alive"}}));
  EXPECT_FALSE(KeepAlive("1.1", {{"Connection", "close"}}));
  EXPECT_FALSE(KeepAlive("1.1", {{"Connection", "keep-alive, close"}}));
  EXPECT_FALSE(KeepAlive("1.1", {{"Connection", "keep-alivex"}}));
}

TEST(MayKeepAlive, NotAfterWhatMayBringABodyOrAnotherProtocol) {
  EXPECT_TRUE(KeepAlive("1.1", {{"Content-Length", "0"}}));
  EXPECT_FALSE(KeepAlive("1.1", {{"Content-Length", "5"}}));
  EXPECT_FALSE(KeepAlive("1.1", {{"Content-Length", "0"}, {"content-length", "5"}}));
  EXPECT_FALSE(KeepAlive("1.1", {{"Content-Length", "00"}}));
  EXPECT_FALSE(KeepAlive("1.1", {{"Transfer-Encoding", "chunked"}}));
  EXPECT_FALSE(KeepAlive("1.1", {{"Upgrade", "websocket"}}));
}

}  // namespace
}  // namespace conntrack::exporter::web
