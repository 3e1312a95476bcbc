#include "exporter/web/server/tcp_sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <vector>

#include "kernel/unique_fd.h"
#include "server_fixture.h"

namespace conntrack::exporter::web {
namespace {

// Both ends of a TCP connection, in this process.
struct Pair {
  kernel::UniqueFd listener, client, server;
  std::uint16_t port = 0;

  Pair() : listener(socket(AF_INET, SOCK_STREAM, 0)), client(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener.get(), generic, size), 0);
    EXPECT_EQ(listen(listener.get(), 1), 0);
    EXPECT_EQ(getsockname(listener.get(), generic, &size), 0);
    EXPECT_EQ(connect(client.get(), generic, size), 0);
    server.reset(accept(listener.get(), nullptr, nullptr));
    port = ntohs(address.sin_port);
  }

  // What the server's end reads now: -1 nothing yet, 0 the end.
  [[nodiscard]] ssize_t ServerReads() const {
    char byte = 0;
    return recv(server.get(), &byte, 1, MSG_DONTWAIT);
  }
};

TEST(ShutDownSockets, EndsConnectionsOnThePort) {
  const Pair pair;
  ASSERT_EQ(pair.ServerReads(), -1);
  ShutDownSockets(std::array{pair.port}, Which::kAll);
  EXPECT_EQ(pair.ServerReads(), 0);
  char byte = 0;
  EXPECT_EQ(recv(pair.client.get(), &byte, 1, 0), 0);
}

TEST(ShutDownSockets, StopsTheListener) {
  const Pair pair;
  ShutDownSockets(std::array{pair.port}, Which::kAll);
  EXPECT_EQ(accept(pair.listener.get(), nullptr, nullptr), -1);
}

TEST(ShutDownSockets, CanSpareTheListener) {
  const Pair pair;
  ShutDownSockets(std::array{pair.port}, Which::kConnections);
  EXPECT_EQ(pair.ServerReads(), 0);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ASSERT_EQ(getsockname(pair.listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  const kernel::UniqueFd client(socket(AF_INET, SOCK_STREAM, 0));
  EXPECT_EQ(connect(client.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
}

TEST(ShutDownSockets, LeavesOtherPortsAlone) {
  const Pair ours, other;
  ShutDownSockets(std::array{ours.port}, Which::kAll);
  EXPECT_EQ(other.ServerReads(), -1);
  ShutDownSockets({}, Which::kAll);
  EXPECT_EQ(other.ServerReads(), -1);
}

std::uint16_t LocalPortOf(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  return ntohs(address.sin_port);
}

TEST(Connections, AreTheServersEndsOnThePort) {
  const Pair pair, other;
  const Peer peer{"127.0.0.1", LocalPortOf(pair.client.get())};
  const auto found = Connections(std::array{pair.port});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].socket, pair.server.get());
  EXPECT_EQ(found[0].peer, peer);
  EXPECT_EQ(PeerOf(pair.listener.get()), Peer{});
}

TEST(AcceptBacklog, CountsWhatIsNotAcceptedYet) {
  const Pair pair;
  const auto listeners = ListeningSockets(std::array{pair.port});
  ASSERT_EQ(listeners, std::vector{pair.listener.get()});
  EXPECT_EQ(AcceptBacklog(listeners), 0u);
  const kernel::UniqueFd next(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ASSERT_EQ(getpeername(pair.client.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  ASSERT_EQ(connect(next.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(AcceptBacklog(listeners), 1u);
  EXPECT_EQ(AcceptBacklog(std::array{pair.server.get(), -1}), 0u);
}

using testing::HasSubstr;

kernel::UniqueFd BoundSocket(int type) {
  kernel::UniqueFd fd(socket(AF_INET, type | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return fd;
}

kernel::UniqueFd ListeningSocket() {
  kernel::UniqueFd fd = BoundSocket(SOCK_STREAM);
  EXPECT_EQ(listen(fd.get(), 8), 0);
  return fd;
}

std::string ComplaintAbout(int fd) {
  const auto sockets = SocketsFrom(fd, 1);
  EXPECT_FALSE(sockets);
  return sockets ? "" : sockets.error().message;
}

TEST(InheritedSockets, AreDescribed) {
  const auto fd = ListeningSocket();
  const auto sockets = SocketsFrom(fd.get(), 1);
  ASSERT_TRUE(sockets) << sockets.error().message;
  ASSERT_EQ(sockets->size(), 1u);
  EXPECT_EQ(sockets->front().fd, fd.get());
  EXPECT_NE(sockets->front().port, 0);
  EXPECT_EQ(sockets->front().address, "127.0.0.1:" + std::to_string(sockets->front().port));
}

TEST(InheritedSockets, WhatCannotBeServedIsRefusedByName) {
  EXPECT_THAT(ComplaintAbout(BoundSocket(SOCK_DGRAM).get()), HasSubstr("no TCP socket"));
  EXPECT_THAT(ComplaintAbout(BoundSocket(SOCK_STREAM).get()), HasSubstr("Accept=no"));
  const kernel::UniqueFd local(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_THAT(ComplaintAbout(local.get()), HasSubstr("no path"));
  EXPECT_THAT(ComplaintAbout(9999),
              HasSubstr("descriptor 9999 of 1 that were passed is no socket"));
}

TEST(InheritedSockets, NoneWerePassedToThisProcess) {
  EXPECT_EQ(CountInheritedSockets(), 0);
  const auto sockets = InheritedSockets();
  ASSERT_FALSE(sockets);
  EXPECT_EQ(sockets.error().kind, ErrorKind::kAbsent);
}

TEST(InheritedSockets, AreServedAndStayOpenForTheOneWhoPassedThem) {
  const auto kept = ListeningSocket();
  ServerOptions options = TestOptions();
  options.inherited = SocketsFrom(fcntl(kept.get(), F_DUPFD_CLOEXEC, 3), 1).value();
  if (!TakesInheritedSockets()) {
    const auto server = Server::Start(options, Echo);
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().kind, ErrorKind::kAbsent);
    EXPECT_THAT(server.error().remedy, HasSubstr("systemd-socket-proxyd"));
    return;
  }
  {
    const auto server = StartServer(Echo, options);
    EXPECT_EQ(server->addresses()[0], options.inherited[0].address);
    EXPECT_EQ(Get(server->ports()[0], "/alive").body, "GET|/alive|");
  }
  options.inherited = SocketsFrom(fcntl(kept.get(), F_DUPFD_CLOEXEC, 3), 1).value();
  const auto next = StartServer(Echo, options);
  EXPECT_EQ(Get(next->ports()[0], "/again").body, "GET|/again|");
}

}  // namespace
}  // namespace conntrack::exporter::web
