#include "exporter/web/server/inherited_sockets.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "kernel/unique_fd.h"
#include "server_fixture.h"

namespace conntrack::exporter::web {
namespace {

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
