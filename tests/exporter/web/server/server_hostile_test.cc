// What no proper client sends.
#include <gmock/gmock.h>

#include <thread>

#include "server_fixture.h"

namespace conntrack::exporter::web {
namespace {

using testing::HasSubstr;
using testing::Not;

class HostileClient : public testing::Test {
 protected:
  // After whatever was done to it.
  void TearDown() override { EXPECT_EQ(Get(port_, "/alive").body, "GET|/alive|"); }

  // Sends the bytes and yields the status of the answer; the connection has to end.
  int StatusAndClose(std::string_view bytes) {
    HttpClient client(port_);
    client.Send(bytes);
    const int status = client.Read().status;
    EXPECT_TRUE(client.WaitForClose());
    return status;
  }

  std::unique_ptr<Server> server_ = StartServer();
  std::uint16_t port_ = server_->ports()[0];
};

TEST_F(HostileClient, GarbageIs400AndTheEnd) {
  EXPECT_EQ(StatusAndClose("\x16\x03\x01\x02garbage\r\n\r\n"), 400);  // TLS to a plain port
  EXPECT_EQ(StatusAndClose("nonsense\r\n\r\n"), 400);
  EXPECT_EQ(StatusAndClose("GET\r\n\r\n"), 400);
  EXPECT_EQ(StatusAndClose("B(EW /pot HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(StatusAndClose("GET relative HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(StatusAndClose("GET / HTTP/2.0\r\n\r\n"), 505);
  EXPECT_EQ(StatusAndClose("GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"), 411);
  EXPECT_EQ(StatusAndClose(std::string_view("GET /\0 HTTP/1.1\r\n\r\n", 20)), 400);
}

TEST_F(HostileClient, PipelinedGarbageGetsTheAnswerThenTheEnd) {
  HttpClient client(port_);
  client.Send("GET /1 HTTP/1.1\r\n\r\n\x01\x02 garbage\r\n\r\n");
  EXPECT_EQ(client.Read().body, "GET|/1|");
  EXPECT_EQ(client.Read().status, 400);
  EXPECT_TRUE(client.WaitForClose());
}

TEST_F(HostileClient, OversizedHeadEndsTheConnection) {
  HttpClient client(port_);
  client.Send("GET / HTTP/1.1\r\nX: " + std::string(100'000, 'a'));
  EXPECT_TRUE(client.WaitForClose());
}

TEST_F(HostileClient, VeryLongPathEndsTheConnection) {
  HttpClient client(port_);
  client.Send("GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(client.WaitForClose());
}

TEST_F(HostileClient, PathThatFitsIsServedHoweverLong) {
  const std::string path = "/" + std::string(8000, 'a');
  EXPECT_EQ(Get(port_, path).body, "GET|" + path + "|");
}

TEST_F(HostileClient, MoreHeadersThanAreLookedAtAre431AndTheEnd) {
  std::string request = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 100; ++i) request += "X: 1\r\n";
  EXPECT_EQ(StatusAndClose(request + "Content-Length: 5\r\n\r\n"), 431);
}

TEST_F(HostileClient, PathsReachTheHandlerAsTheyAre) {
  EXPECT_EQ(Get(port_, "/metrics%00.html").body, std::string("GET|/metrics\0.html|", 19));
  EXPECT_EQ(Get(port_, "/x/../../etc/passwd").body, "GET|/x/../../etc/passwd|");
  EXPECT_EQ(Get(port_, "/x/%2e%2e/metrics").body, "GET|/x/../metrics|");
  EXPECT_EQ(Get(port_, "//metrics").body, "GET|//metrics|");
  EXPECT_EQ(Get(port_, "/%zz").body, "GET|/%zz|");
}

TEST_F(HostileClient, AbsoluteAddressIsThePathInIt) {
  const std::string host = "http://anything:" + std::to_string(port_);
  EXPECT_EQ(Get(port_, host + "/metrics?a").body, "GET|/metrics|a");
}

// No CVE: a patch of ours; a distribution's CivetWeb closes these connections or tells 400.
TEST_F(HostileClient, EveryMethodReachesTheHandler) {
  if (!TakesInheritedSockets()) {
    GTEST_SKIP() << "SKIPPED: this CivetWeb is the distribution's, without our patches";
  }
  HttpClient client(port_);
  EXPECT_EQ(client.Ask("OPTIONS", "*").body, "OPTIONS|*|");
  EXPECT_EQ(client.Ask("CONNECT", "other.example:443").body, "CONNECT|other.example:443|");
  EXPECT_EQ(client.Ask("TRACE", "/a?b").body, "TRACE|/a|b");
  EXPECT_EQ(client.Ask("BREW", "/pot").body, "BREW|/pot|");
  EXPECT_EQ(client.Ask("get", "/").body, "get|/|");
}

TEST_F(HostileClient, TargetsOfAllForms) {
  if (!TakesInheritedSockets()) {
    GTEST_SKIP() << "SKIPPED: this CivetWeb is the distribution's, without our patches";
  }
  HttpClient client(port_);
  EXPECT_EQ(client.Ask("GET", "http://other.example/metrics?a").body, "GET|/metrics|a");
  EXPECT_EQ(client.Ask("GET", "https://other.example:1").body, "GET|/|");
  EXPECT_EQ(client.Ask("GET", "http://[::1]?a=/b").body, "GET|/|a=/b");
  for (const auto* target : {"*", "other.example:443", "metrics", "http://", "http:///metrics",
                             "http://a:b/", "ftp://a/"}) {
    EXPECT_EQ(StatusAndClose("GET " + std::string(target) + " HTTP/1.1\r\n\r\n"), 400) << target;
  }
}

TEST_F(HostileClient, RequestsWithABodyAreAnsweredWithoutWaitingForIt) {
  EXPECT_EQ(StatusAndClose("POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n"), 200);
  EXPECT_EQ(StatusAndClose("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), 200);
}

TEST_F(HostileClient, NoBodyBecomesTheNextRequest) {
  HttpClient client(port_);
  client.Send(
      "GET /1 HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 24\r\n\r\nGET /smuggled "
      "HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.Read().body, "GET|/1|");
  EXPECT_EQ(client.Read().status, 0);
}

TEST_F(HostileClient, WebSocketUpgradeIsNotTaken) {
  HttpClient client(port_);
  const Reply reply =
      client.Ask("GET", "/ws",
                 "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  EXPECT_EQ(reply.body, "GET|/ws|");
  EXPECT_TRUE(client.WaitForClose());
}

TEST_F(HostileClient, FilesOfTheHostAreNotServed) {
  EXPECT_EQ(Get(port_, "/etc/passwd").body, "GET|/etc/passwd|");
  HttpClient client(port_);
  EXPECT_EQ(client.Ask("PUT", "/x", "Content-Length: 0\r\n").body, "PUT|/x|");
}

TEST_F(HostileClient, ErrorsQuoteNothing) {
  HttpClient client(port_);
  client.Send("GET / HTTP/<script>\r\n\r\n");
  const Reply reply = client.Read();
  EXPECT_EQ(reply.status, 505);
  EXPECT_THAT(reply.body, Not(HasSubstr("script")));
}

ServerOptions Impatient(int threads) {
  ServerOptions options = TestOptions();
  options.worker_threads = threads;
  options.request_timeout = std::chrono::milliseconds(200);
  return options;
}

TEST(SlowClient, DrippingHeadIsCutOff) {
  const auto server = StartServer(Echo, Impatient(1));
  HttpClient dripping(server->ports()[0]);
  // Sent for as long as the server listens; a server without a limit would listen to all of it and
  // answer.
  bool open = dripping.Send("GET / HTTP/1.1\r\nX: ");
  for (int i = 0; i < 600 && open; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    open = dripping.Send("a");
  }
  EXPECT_FALSE(open);
  EXPECT_EQ(Get(server->ports()[0], "/").status, 200);  // the only thread is free again
}

TEST(SlowClient, SilentConnectionIsCutOff) {
  const auto server = StartServer(Echo, Impatient(1));
  HttpClient silent(server->ports()[0]);
  EXPECT_EQ(Get(server->ports()[0], "/").status, 200);
  EXPECT_TRUE(silent.WaitForClose());
}

TEST(SlowClient, WhoDoesNotFinishTheHeadIsToldSo) {
  const auto server = StartServer(Echo, Impatient(1));
  HttpClient slow(server->ports()[0]);
  slow.Send("GET / HTTP/1.1\r\nX: ");
  EXPECT_EQ(slow.Read().status, 408);
  EXPECT_TRUE(slow.WaitForClose());
}

TEST(SlowClient, ReaderWhoTakesTooLongForTheWholeIsCutOff) {
  const std::string body(64 << 20, 'x');
  ServerOptions options = TestOptions();
  options.answer_timeout = std::chrono::milliseconds(1);  // less than so much takes anywhere
  const auto server =
      StartServer([&](const HttpRequest&) { return PlainText(200, body); }, options);
  HttpClient client(server->ports()[0]);
  client.Send("GET / HTTP/1.1\r\n\r\n");
  // Takes what comes, but there is a limit for all of it.
  EXPECT_LT(client.Read().body.size(), body.size());
}

TEST(SlowClient, WhoeverSaysNothingGivesWayToWhoAsks) {
  ServerOptions options = TestOptions();
  options.worker_threads = 2;
  const auto server = StartServer(Echo, options);
  HttpClient silent(server->ports()[0]), begun(server->ports()[0]);
  begun.Send("GET / HT");
  // Until both have been given to a worker, there is room for one who asks.
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  do {
    EXPECT_EQ(Get(server->ports()[0], "/").status, 200);
  } while (server->connections_evicted() == 0 && std::chrono::steady_clock::now() < patience);
  EXPECT_GE(server->connections_evicted(), 1u);
}

TEST(SlowClient, ReaderWhoTakesNothingIsCutOff) {
  const std::string body(64 << 20, 'x');  // more than the kernel keeps for one connection
  const auto server = StartServer(
      [&](const HttpRequest& request) {
        return PlainText(200, request.path == "/" ? "small" : body);
      },
      Impatient(1));
  HttpClient stalled(server->ports()[0]);
  stalled.Send("GET /large HTTP/1.1\r\n\r\n");
  EXPECT_EQ(Get(server->ports()[0], "/").body, "small");
}

}  // namespace
}  // namespace conntrack::exporter::web
