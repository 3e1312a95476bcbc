#include <gmock/gmock.h>

#include <atomic>
#include <new>

#include "exporter/web/config/tls_context.h"
#include "server_fixture.h"

namespace conntrack::exporter::web {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Error StartFails(std::vector<std::string> addresses) {
  ServerOptions options = TestOptions();
  options.listen_addresses = std::move(addresses);
  const auto server = Server::Start(options, Echo);
  EXPECT_FALSE(server);
  return server ? Error{} : server.error();
}

TEST(ServerStart, TellsThePortsItGot) {
  ServerOptions options = TestOptions();
  options.listen_addresses = {"127.0.0.1:0", "localhost:0"};
  const auto server = StartServer(Echo, options);
  ASSERT_EQ(server->ports().size(), 2u);
  ASSERT_EQ(server->addresses().size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NE(server->ports()[i], 0);
    EXPECT_EQ(server->addresses()[i], "127.0.0.1:" + std::to_string(server->ports()[i]));
    EXPECT_EQ(Get(server->ports()[i], "/").status, 200);
  }
}

TEST(ServerStart, PortAloneListensOnEveryAddress) {
  ServerOptions options = TestOptions();
  options.listen_addresses = {":0"};
  const auto server = StartServer(Echo, options);
  EXPECT_THAT(server->addresses()[0], testing::AnyOf(StartsWith("0.0.0.0:"), StartsWith("[::]:")));
  EXPECT_EQ(Get(server->ports()[0], "/").status, 200);
}

TEST(ServerStart, BusyPortIsBusy) {
  const auto first = StartServer();
  const Error error = StartFails({"127.0.0.1:0", first->addresses()[0]});
  EXPECT_EQ(error.kind, ErrorKind::kBusy);
  EXPECT_THAT(error.message, HasSubstr(first->addresses()[0]));
}

TEST(ServerStart, MalformedAddress) {
  const Error error = StartFails({"127.0.0.1:0", "127.0.0.1:http"});
  EXPECT_EQ(error.kind, ErrorKind::kMalformed);
  EXPECT_THAT(error.message, HasSubstr("127.0.0.1:http"));
}

TEST(ServerStart, NoAddressAtAll) { EXPECT_EQ(StartFails({}).kind, ErrorKind::kMalformed); }

TEST(ServerStart, AddressOfNobody) {
  const Error error = StartFails({"192.0.2.1:0"});
  EXPECT_EQ(error.kind, ErrorKind::kAbsent);
  EXPECT_THAT(error.message, HasSubstr("192.0.2.1:0"));
}

TEST(ServerStart, WhatCivetWebRefusesIsSaidInItsWords) {
  ServerOptions options = TestOptions();
  options.worker_threads = -1;
  const auto server = Server::Start(options, Echo);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().kind, ErrorKind::kIo);
  EXPECT_THAT(server.error().message, HasSubstr("Invalid number of worker threads"));
}

TEST(ServerStart, ItsOwnRequestIsNotOneOfTheHandler) {
  std::atomic<int> seen = 0;
  const auto server = StartServer([&](const HttpRequest& request) {
    ++seen;
    return Echo(request);
  });
  EXPECT_EQ(seen, 0);
  EXPECT_EQ(Get(server->ports()[0], "/").status, 200);
  EXPECT_EQ(seen, 1);
}

TEST(ServerStart, FailsWhereRequestsCannotBeAnswered) {
  ServerOptions options = TestOptions();
  options.filter = [](HttpResponse&) { throw std::bad_alloc(); };
  const auto server = Server::Start(options, Echo);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().kind, ErrorKind::kIo);
  EXPECT_THAT(server.error().message, HasSubstr("are not answered: HTTP/1.1 500"));
}

TEST(ServerStart, WithTlsTheEndOfAConnectionIsAnAnswer) {
  const ServerTls tls([] { return nullptr; });
  ServerOptions options = TestOptions();
  options.tls = &tls;
  EXPECT_TRUE(Server::Start(options, Echo));
}

}  // namespace
}  // namespace conntrack::exporter::web
