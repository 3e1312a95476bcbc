// What was published against CivetWeb 1.15 and later, sent to our server: see docs/civetweb.md.
#include <gmock/gmock.h>

#include "server_fixture.h"

namespace conntrack::exporter::web {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

// And one for the door: see connection_slots.h.
ServerOptions OnePlace() {
  ServerOptions options = TestOptions();
  options.worker_threads = 1;
  return options;
}

class CivetWebHoles : public testing::Test {
 protected:
  // No thread is dead or busy with what was sent to it.
  void TearDown() override { EXPECT_EQ(Get(port_, "/alive").body, "GET|/alive|"); }

  // Sends the bytes and yields the status of the answer; the connection has to end.
  int StatusAndClose(std::string_view bytes) const {
    HttpClient client(port_);
    client.Send(bytes);
    const int status = client.Read().status;
    EXPECT_TRUE(client.WaitForClose());
    return status;
  }

  void Post(std::string_view type, std::string_view body) const {
    std::string request = "POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: ";
    request.append(type).append("\r\nContent-Length: ").append(std::to_string(body.size()));
    EXPECT_EQ(StatusAndClose(request.append("\r\n\r\n").append(body)), 200) << body;
  }

  std::unique_ptr<Server> server_ = StartServer(Echo, OnePlace());
  std::uint16_t port_ = server_->ports()[0];
};

// CVE-2025-55763: the redirect of a directory wrote the link and the query into too little memory.
TEST_F(CivetWebHoles, LongSlashesWithALongQueryAreAPathLikeAnyOther) {
  for (const std::size_t length : {4096U, 8192U, 10000U}) {
    const std::string slashes(length, '/'), query(1953, 'A');
    EXPECT_EQ(Get(port_, slashes + "?" + query).body, "GET|" + slashes + "|" + query);
    EXPECT_EQ(Get(port_, slashes + ".?" + query).body, "GET|" + slashes + ".|" + query);
  }
}

// CVE-2025-9648 (issue 1348), issues 1241 and 1404, pull request 1411: the parser of forms looped
// for ever, and read and wrote out of bounds. Nothing here calls it.
TEST_F(CivetWebHoles, FormsAreNotParsed) {
  const std::string urlencoded = "application/x-www-form-urlencoded";
  Post(urlencoded, std::string("a=b&c=\0d&e=f", 12));
  Post(urlencoded, std::string("\0", 1));
  Post(urlencoded, "a=b&%");
  Post(urlencoded, "clearStatus=clearStatus&");
  const std::string multipart = "multipart/form-data; boundary=B";
  Post(multipart, "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n--B--\r\n");
  Post(multipart, std::string(8190, 'p') + "\r\n--B\r\nContent-Disposition: form-data; name=a\r\n");
  Post(multipart,
       "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../../../tmp/x\"\r\n\r\n"
       "x\r\n--B--\r\n");
}

// Issue 1404 needs two forms on one connection. A request with a body is the last of its
// connection.
TEST_F(CivetWebHoles, NoSecondRequestFollowsAForm) {
  const std::string form =
      "POST /form HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=B\r\n"
      "Content-Length: 7\r\n\r\n\r\n--B\r\n";
  HttpClient client(port_);
  client.Send(form + form);
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(client.Read().status, 0);
}

// Issue 1353: whoever sent a chunk's length byte by byte kept a thread for ever.
TEST_F(CivetWebHoles, UnfinishedChunkOccupiesNoThread) {
  EXPECT_EQ(StatusAndClose("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1"), 200);
  EXPECT_EQ(StatusAndClose("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff"),
            200);
}

// Pull request 1341: a decoded line end in a redirect made a header of the client's choice.
TEST_F(CivetWebHoles, EncodedLineEndsMakeNoHeader) {
  const Reply reply = Get(port_, "/index%0d%0aSet-Cookie:%20sid=INFECTED.html");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.head, Not(HasSubstr("Set-Cookie")));
}

// Issue 1379: memory errors in WebSockets with permessage-deflate and in HTTP/2.
TEST_F(CivetWebHoles, OtherProtocolsAreNotSpoken) {
  HttpClient websocket(port_);
  EXPECT_EQ(websocket
                .Ask("GET", "/ws",
                     "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                     "Sec-WebSocket-Extensions: permessage-deflate\r\n")
                .body,
            "GET|/ws|");
  websocket.Send(std::string("\xc1\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10));
  EXPECT_TRUE(websocket.WaitForClose());
  EXPECT_THAT(StatusAndClose("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), AnyOf(400, 505));
  EXPECT_EQ(
      StatusAndClose("GET / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                     "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n"),
      200);
}

// request_len + content_len is a signed sum in CivetWeb, and decides what is left of the buffer.
TEST_F(CivetWebHoles, LengthsBeyondReasonEndTheConnection) {
  for (const auto* length : {"9223372036854775807", "9223372036854775700", "99999999999999999999",
                             "18446744073709551615", "2147483647", "4294967296"}) {
    EXPECT_EQ(StatusAndClose("GET / HTTP/1.1\r\nContent-Length: " + std::string(length) +
                             "\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"),
              200)
        << length;
  }
  EXPECT_EQ(StatusAndClose("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), 411);
}

// CivetWeb looks for a domain in both, before we see the request.
TEST_F(CivetWebHoles, StrangeHostsAndAbsoluteAddressesAreHarmless) {
  for (const std::string& host :
       {std::string("["), std::string("[]"), std::string("[::1"), std::string("]"),
        std::string(":"), std::string("mydomain.com"), std::string(9000, 'h'),
        std::string("[") + std::string(9000, ':')}) {
    EXPECT_EQ(Get(port_, "/x", "Host: " + host + "\r\n").status, 200) << host;
  }
  for (const auto* address :
       {"http://", "http:///", "http://:/", "http://a:0/", "http://a:99999999999/",
        "http://[::1]:1/", "https://a/x:1", "ws://a/"}) {
    EXPECT_THAT(
        StatusAndClose("GET " + std::string(address) + " HTTP/1.1\r\nConnection: close\r\n\r\n"),
        AnyOf(0, 200, 400))
        << address;
  }
}

// No CVE: a patch closes it, and the check in connection.cc does so in a distribution's CivetWeb.
TEST_F(CivetWebHoles, BlankLinesDoNotReplayTheRequestOfAnother) {
  const std::string first = "GET /first HTTP/1.1\r\nAuthorization: Basic c2VjcmV0\r\n\r\n";
  for (int i = 0; i < 8; ++i) {  // until the same thread has had both: there are two
    {
      HttpClient victim(port_);
      victim.Send(first + "GET /second HTTP/1.1\r\nAuthorization: Basic c\r\n\r\n");
      EXPECT_EQ(victim.Read().body, "GET|/first|");
      EXPECT_EQ(victim.Read().body, "GET|/second|");
    }
    EXPECT_EQ(StatusAndClose(std::string(first.size() - 2, ' ') + "\n\n"), 400);
  }
}

// The check knows where a thread's buffer begins once the thread has had a request: only then is
// there anything of an earlier client in it.
TEST_F(CivetWebHoles, BlankLinesBeforeARequestAreRefused) {
  for (const std::string blank : {"\n\n", "\r\n\r\n"}) {
    HttpClient client(port_);
    EXPECT_EQ(client.Ask("GET", "/alive").status, 200);
    client.Send(blank + "GET /1 HTTP/1.1\r\n\r\n");
    EXPECT_EQ(client.Read().status, 400);
    EXPECT_TRUE(client.WaitForClose());
  }
}

// No CVE: a patch closes it, and a distribution's CivetWeb has it.
TEST_F(CivetWebHoles, NothingIsSmuggledBehindAFoldedHeader) {
  if (!TakesInheritedSockets()) {
    GTEST_SKIP() << "SKIPPED: this CivetWeb is the distribution's, without our patches";
  }
  EXPECT_EQ(StatusAndClose("GET /1 HTTP/1.1\r\nX: a\r\n b\r\nContent-Length: 26\r\n\r\n"
                           "GET /smuggled HTTP/1.1\r\n\r\n"),
            400);
  EXPECT_EQ(StatusAndClose("GET /1 HTTP/1.1\r\nno header\r\nContent-Length: 26\r\n\r\n"
                           "GET /smuggled HTTP/1.1\r\n\r\n"),
            400);
}

}  // namespace
}  // namespace conntrack::exporter::web
