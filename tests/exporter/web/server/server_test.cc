#include "exporter/web/server/server.h"

#include <gmock/gmock.h>

#include <atomic>
#include <latch>
#include <thread>

#include "exporter/web/pages/router.h"
#include "server_fixture.h"

namespace conntrack::exporter::web {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Server, AnswersGetWhole) {
  const auto server = StartServer();
  const Reply reply = Get(server->ports()[0], "/a%20b?x=%31&y");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "GET|/a b|x=%31&y");
  EXPECT_EQ(reply.Header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(reply.Header("Connection"), "close");
  EXPECT_EQ(reply.Header("X-Content-Type-Options"), "nosniff");
  EXPECT_NE(reply.Header("Date"), "");
  EXPECT_EQ(reply.Header("Server"), "");
}

TEST(Server, HeadHasTheLengthOfTheBodyItDoesNotSend) {
  const auto server = StartServer();
  HttpClient client(server->ports()[0]);
  const Reply head = client.Ask("HEAD", "/abc");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("Content-Length"), "10");
  EXPECT_EQ(client.Ask("GET", "/next").body, "GET|/next|");  // no stray body before it
}

TEST(Server, GivesTheHandlerEveryMethodAndHeader) {
  const auto server = StartServer([](const HttpRequest& request) {
    return PlainText(405, request.method + " " + request.http_version + " " +
                              std::string(request.Header("x-test").value_or("none")));
  });
  for (const std::string method : {"POST", "PUT", "DELETE", "OPTIONS", "PROPFIND", "PATCH"}) {
    HttpClient client(server->ports()[0]);
    const Reply reply = client.Ask(method, "/", "X-Test:  one two \r\nContent-Length: 0\r\n");
    EXPECT_EQ(reply.status, 405);
    EXPECT_THAT(reply.body, HasSubstr(method + " 1.1 one two"));
  }
}

TEST(Server, ServesRoutes) {
  Routes routes;
  routes.metrics = [](const HttpRequest&) { return PlainText(200, "metrics"); };
  routes.unhealthy = [] { return std::optional<std::string>(); };
  routes.not_ready = [] { return std::optional<std::string>(); };
  const auto server =
      StartServer([&](const HttpRequest& request) { return Route(routes, request); });
  const std::uint16_t port = server->ports()[0];
  EXPECT_EQ(Get(port, "/metrics").body, "metrics");
  EXPECT_EQ(Get(port, "/nope").status, 404);
  const Reply refused = HttpClient(port).Ask("DELETE", "/metrics");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.Header("Allow"), "GET, HEAD");
}

TEST(Server, KeepsTheConnectionForTheNextRequest) {
  const auto server = StartServer();
  HttpClient client(server->ports()[0]);
  for (const std::string path : {"/1", "/2", "/3"}) {
    const Reply reply = client.Ask("GET", path);
    EXPECT_EQ(reply.body, "GET|" + path + "|");
    EXPECT_EQ(reply.Header("Connection"), "keep-alive");
  }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  const auto server = StartServer();
  HttpClient client(server->ports()[0]);
  client.Send("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.Read().body, "GET|/1|");
  EXPECT_EQ(client.Read().body, "GET|/2|");
}

TEST(Server, ClosesWhereItSaysSo) {
  const auto server = StartServer();
  HttpClient client(server->ports()[0]);
  client.Send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.Read().Header("Connection"), "close");
  EXPECT_TRUE(client.WaitForClose());
}

TEST(Server, EndsIdleConnections) {
  ServerOptions options = TestOptions();
  options.keep_alive_timeout = std::chrono::milliseconds(50);
  const auto server = StartServer(Echo, options);
  HttpClient client(server->ports()[0]);
  EXPECT_EQ(client.Ask("GET", "/").status, 200);
  EXPECT_TRUE(client.WaitForClose());
}

TEST(Server, ThrowingHandlersAre500AndServeOn) {
  const auto server = StartServer([](const HttpRequest& request) -> HttpResponse {
    if (request.path == "/std") throw std::runtime_error("secret");
    if (request.path == "/int") throw 1;
    return PlainText(200, "fine");
  });
  HttpClient client(server->ports()[0]);
  for (const auto* path : {"/std", "/int"}) {
    const Reply reply = client.Ask("GET", path);
    EXPECT_EQ(reply.status, 500);
    EXPECT_THAT(reply.body, Not(HasSubstr("secret")));
  }
  EXPECT_EQ(client.Ask("GET", "/").body, "fine");
}

TEST(Server, LargeBodiesArriveWhole) {
  const std::string body(20 << 20, 'x');
  const auto server = StartServer([&](const HttpRequest&) { return PlainText(200, body); });
  EXPECT_EQ(Get(server->ports()[0], "/").body, body);
}

TEST(Server, HandlersRunAtTheSameTime) {
  std::latch together(4);
  const auto server = StartServer([&](const HttpRequest&) {
    together.arrive_and_wait();
    return PlainText(200, "met");
  });
  std::vector<std::jthread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] { EXPECT_EQ(Get(server->ports()[0], "/").body, "met"); });
  }
}

// A client that the machine gives no time may be evicted, and tries again.
TEST(Server, FiftyClientsOfFourThreadsAllGetWholeAnswers) {
  const std::string filling(100'000, 'x');
  const auto server = StartServer(
      [&](const HttpRequest& request) { return PlainText(200, request.path + filling); });
  std::atomic<std::uint64_t> failures = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 50; ++i) {
    clients.emplace_back([&, i] {
      for (int turn = 0; turn < 5; ++turn) {
        const std::string path = "/" + std::to_string(i) + "-" + std::to_string(turn);
        Reply reply = Get(server->ports()[0], path);
        while (reply.status != 200 && ++failures <= server->connections_evicted()) {
          reply = Get(server->ports()[0], path);
        }
        EXPECT_EQ(reply.body, path + filling);
      }
    });
  }
}

}  // namespace
}  // namespace conntrack::exporter::web
