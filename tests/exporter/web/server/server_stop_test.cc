#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <thread>

#include "server_fixture.h"

namespace conntrack::exporter::web {
namespace {

using Seconds = std::chrono::duration<double>;

Seconds TimeToStop(std::unique_ptr<Server> server) {
  const auto began = std::chrono::steady_clock::now();
  server.reset();
  return std::chrono::steady_clock::now() - began;
}

// The shortest of some tries: CivetWeb left alone takes up to 2 s every time, a busy machine only
// now and then.
template <class Try>
Seconds Shortest(Try attempt) {
  Seconds shortest(1e9);
  for (int i = 0; i < 15 && shortest > Seconds(1); ++i) shortest = std::min(shortest, attempt());
  return shortest;
}

TEST(ServerStop, IsPromptWithIdleConnections) {
  EXPECT_LT(Shortest([] {
              auto server = StartServer();
              HttpClient kept(server->ports()[0]), silent(server->ports()[0]),
                  half(server->ports()[0]);
              EXPECT_EQ(kept.Ask("GET", "/").status, 200);
              half.Send("GET / HT");
              return TimeToStop(std::move(server));
            }),
            Seconds(1));
}

TEST(ServerStop, IsPromptWithAReaderWhoTakesNothing) {
  const std::string body(16 << 20, 'x');  // several times what the sockets hold
  EXPECT_LT(Shortest([&] {
              auto server = StartServer([&](const HttpRequest&) { return PlainText(200, body); });
              HttpClient stalled(server->ports()[0]);
              stalled.Send("GET / HTTP/1.1\r\n\r\n");
              EXPECT_TRUE(stalled.WaitForData());  // the copies of the body are made
              return TimeToStop(std::move(server));
            }),
            Seconds(1));
}

TEST(ServerStop, WaitsForARunningHandler) {
  std::latch entered(1), released(1);
  std::atomic<bool> done = false;
  auto server = StartServer([&](const HttpRequest&) {
    entered.count_down();
    released.wait();
    done = true;
    return PlainText(200, "");
  });
  HttpClient client(server->ports()[0]);
  client.Send("GET / HTTP/1.1\r\n\r\n");
  entered.wait();
  std::jthread stopping([&] {
    server.reset();
    EXPECT_TRUE(done);
  });
  EXPECT_TRUE(client.WaitForClose());  // so stopping has begun
  EXPECT_FALSE(done);
  released.count_down();
}

TEST(ServerStop, FreesThePort) {
  auto server = StartServer();
  ServerOptions options = TestOptions();
  options.listen_addresses = server->addresses();
  EXPECT_EQ(Get(server->ports()[0], "/").status, 200);
  server.reset();
  const auto again = StartServer(Echo, options);
  EXPECT_EQ(Get(again->ports()[0], "/").status, 200);
}

TEST(ServerStop, ClosesConnectionsOfClients) {
  auto server = StartServer();
  HttpClient kept(server->ports()[0]);
  EXPECT_EQ(kept.Ask("GET", "/").status, 200);
  server.reset();
  EXPECT_TRUE(kept.WaitForClose());
}

}  // namespace
}  // namespace conntrack::exporter::web
