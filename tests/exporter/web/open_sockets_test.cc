#include "exporter/web/open_sockets.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <vector>

#include "collectors/kernel/unique_fd.h"

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

}  // namespace
}  // namespace conntrack::exporter::web
