#include "exporter/web/server/http_message.h"

#include <gmock/gmock.h>

#include <string>

namespace conntrack::exporter::web {
namespace {

TEST(HttpRequest, FindsTheFirstHeaderInAnyCaseOfLetters) {
  HttpRequest request;
  request.headers = {{"Accept-Encoding", "gzip"}, {"X-Two", "1"}, {"x-two", "2"}};
  EXPECT_EQ(request.Header("accept-ENCODING"), "gzip");
  EXPECT_EQ(request.Header("X-TWO"), "1");
  EXPECT_EQ(request.Header("Accept"), std::nullopt);
}

TEST(SameWord, ComparesOnlyLettersWithoutCase) {
  EXPECT_TRUE(SameWord("GZip", "gzIP"));
  EXPECT_FALSE(SameWord("gzip", "gzip "));
  EXPECT_FALSE(SameWord("[", "{"));  // 0x20 apart, as letters are
}

TEST(Trimmed, TakesBlanksOffBothEnds) {
  EXPECT_EQ(Trimmed(" \ta b\t "), "a b");
  EXPECT_EQ(Trimmed(" \t"), "");
}

TEST(PlainText, IsUtf8Text) {
  const HttpResponse response = PlainText(404, "no\n");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(response.body, "no\n");
}

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr std::time_t kMoment = 784111777;  // the example of RFC 9110, 5.6.7

TEST(SerializeResponse, IsAWholeAnswer) {
  HttpResponse response = PlainText(200, "body\n");
  response.headers = {{"Vary", "Accept-Encoding"}};
  EXPECT_EQ(SerializeResponse(response, {.head_only = false, .keep_alive = true, .now = kMoment}),
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

TEST(SerializeResponse, HeadHasTheHeadersOfTheBodyItLeavesOut) {
  const HttpResponse response = PlainText(200, "body\n");
  const std::string get =
      SerializeResponse(response, {.head_only = false, .keep_alive = false, .now = 0});
  const std::string head =
      SerializeResponse(response, {.head_only = true, .keep_alive = false, .now = 0});
  EXPECT_EQ(get, head + "body\n");
  EXPECT_THAT(head, HasSubstr("Connection: close\r\n"));
}

TEST(SerializeResponse, SaysWhatTheStatusMeans) {
  EXPECT_THAT(SerializeResponse(PlainText(503, ""), {}),
              HasSubstr("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(SerializeResponse(PlainText(418, ""), {}), HasSubstr("HTTP/1.1 418 Unknown\r\n"));
}

TEST(SerializeResponse, LeavesOutHeadersThatWouldBreakTheHead) {
  HttpResponse response = PlainText(200, "");
  response.headers = {{"A", "1\r\nSet-Cookie: x"}, {"B\n", "2"}, {"C", "3"}};
  const std::string wire = SerializeResponse(response, {});
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

TEST(Printable, KeepsPlainText) { EXPECT_EQ(Printable("table ~!"), "table ~!"); }

TEST(Printable, HidesControlAndForeignBytes) {
  EXPECT_EQ(Printable(std::string("a\r\n\x1b[31m\0\xc3\xa9\x7f", 12)), "a???[31m????");
}

TEST(Printable, CutsLongText) {
  EXPECT_EQ(Printable(std::string(64, 'a')), std::string(64, 'a'));
  EXPECT_EQ(Printable(std::string(5000, 'a')), std::string(64, 'a') + "...");
}

using testing::ElementsAre;

TEST(PercentDecode, ReplacesEscapesInEitherCaseOfLetters) {
  EXPECT_EQ(PercentDecode("a%5Bb%5d%20c"), "a[b] c");
}

TEST(PercentDecode, KeepsNulAndDoesNotDecodeTwice) {
  EXPECT_EQ(PercentDecode("x%00y"), std::string("x\0y", 3));
  EXPECT_EQ(PercentDecode("%2541"), "%41");
}

TEST(PercentDecode, KeepsPlus) { EXPECT_EQ(PercentDecode("a+b"), "a+b"); }

TEST(PercentDecode, RefusesBrokenEscapes) {
  for (const auto* text : {"%", "%4", "a%zz", "%-1", "%+1", "%4g", "% 1"}) {
    EXPECT_EQ(PercentDecode(text), std::nullopt) << text;
  }
}

TEST(ParseQuery, EmptyQueryHasNoParameters) { EXPECT_THAT(ParseQuery("").value(), ElementsAre()); }

TEST(ParseQuery, KeepsRepeatedParametersInOrderHoweverTheirNameIsEncoded) {
  EXPECT_THAT(ParseQuery("collect[]=b&collect%5B%5D=a&x=1").value(),
              ElementsAre(QueryParameter{"collect[]", "b"}, QueryParameter{"collect[]", "a"},
                          QueryParameter{"x", "1"}));
}

TEST(ParseQuery, SplitsBeforeItDecodes) {
  EXPECT_THAT(ParseQuery("a=1%262&b%3Dc=d=e").value(),
              ElementsAre(QueryParameter{"a", "1&2"}, QueryParameter{"b=c", "d=e"}));
}

TEST(ParseQuery, PlusIsASpace) {
  EXPECT_THAT(ParseQuery("a+b=c+d%2B").value(), ElementsAre(QueryParameter{"a b", "c d+"}));
}

TEST(ParseQuery, MissingParts) {
  EXPECT_THAT(
      ParseQuery("&a&&=b&c=&").value(),
      ElementsAre(QueryParameter{"a", ""}, QueryParameter{"", "b"}, QueryParameter{"c", ""}));
}

TEST(ParseQuery, RefusesTheWholeQueryWhereOneEscapeIsBroken) {
  EXPECT_EQ(ParseQuery("collect[]=table&exclude%5=stat"), std::nullopt);
  EXPECT_EQ(ParseQuery("a=%g0"), std::nullopt);
}

TEST(ParseQuery, RefusesMoreParametersThanAreOfUse) {
  std::string query;
  for (std::size_t i = 0; i < kMaxQueryParameters; ++i) query += "collect[]=table&";
  EXPECT_EQ(ParseQuery(query).value().size(), kMaxQueryParameters);
  EXPECT_EQ(ParseQuery(query + "a"), std::nullopt);
}

TEST(PathOfTarget, IsThePathWhateverTheHost) {
  EXPECT_EQ(PathOfTarget("GET", "/a//b"), "/a//b");
  EXPECT_EQ(PathOfTarget("GET", "http://a.example/b"), "/b");
  EXPECT_EQ(PathOfTarget("HEAD", "HTTPS://user@a.example:1/b:c"), "/b:c");
  EXPECT_EQ(PathOfTarget("GET", "http://[::1]:1/"), "/");
  EXPECT_EQ(PathOfTarget("GET", "http://[::1]"), "/");
}

TEST(PathOfTarget, WhatNamesNoPathIsMalformedForThoseWhoWantOne) {
  for (const auto* target :
       {"", "*", "a", "a:1", "http:/", "http://", "http://:1/", "http://a:b/", "http:///a"}) {
    EXPECT_EQ(PathOfTarget("GET", target), std::nullopt) << target;
    EXPECT_EQ(PathOfTarget("CONNECT", target), target);
  }
}

}  // namespace
}  // namespace conntrack::exporter::web
