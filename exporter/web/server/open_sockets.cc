#include "exporter/web/server/open_sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "exporter/web/server/socket_address.h"
#include "kernel/text.h"

namespace conntrack::exporter::web {
namespace {

int Option(int fd, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : 0;
}

// The local TCP port of a descriptor; 0 where it is no TCP socket.
std::uint16_t LocalPort(int fd) {
  SocketAddress local;
  if (Option(fd, SO_TYPE) != SOCK_STREAM) return 0;
  return getsockname(fd, local.get(), &local.size) == 0 ? local.port() : 0;
}

// All zero where it is no TCP socket.
tcp_info InfoOf(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  const int failed = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size);
  return failed == 0 ? info : tcp_info{};
}

bool Holds(std::span<const std::uint16_t> ports, std::uint16_t port) {
  return port != 0 && std::find(ports.begin(), ports.end(), port) != ports.end();
}

// The descriptors of this process that the condition holds for. One that is closed meanwhile, or
// anew, is what it is at the moment that it is looked at.
template <class Condition>
std::vector<int> OpenFiles(Condition condition) {
  std::vector<int> found;
  std::error_code failed;
  std::filesystem::directory_iterator entry("/proc/self/fd", failed);
  while (!failed && entry != std::filesystem::directory_iterator()) {
    const std::string name = entry->path().filename().string();
    const int fd = kernel::ParseNumber<int>(name).value_or(-1);
    if (condition(fd)) found.push_back(fd);
    entry.increment(failed);
  }
  return found;
}

}  // namespace

void ShutDownSockets(std::span<const std::uint16_t> ports, Which which) {
  for (const int fd : OpenFiles([&](int one) { return Holds(ports, LocalPort(one)); })) {
    if (which == Which::kAll || Option(fd, SO_ACCEPTCONN) == 0) shutdown(fd, SHUT_RDWR);
  }
}

std::vector<int> Listeners(std::span<const std::uint16_t> ports) {
  return OpenFiles(
      [&](int fd) { return Option(fd, SO_ACCEPTCONN) != 0 && Holds(ports, LocalPort(fd)); });
}

std::size_t WaitingAt(std::span<const int> listeners) {
  std::size_t waiting = 0;
  for (const int fd : listeners) {
    const tcp_info info = InfoOf(fd);
    if (info.tcpi_state == TCP_LISTEN) waiting += info.tcpi_unacked;
  }
  return waiting;
}

std::vector<OpenConnection> Connections(std::span<const std::uint16_t> ports) {
  std::vector<OpenConnection> connections;
  for (const int fd : OpenFiles([&](int one) { return Holds(ports, LocalPort(one)); })) {
    Client client = ClientOf(fd);
    if (client.port == 0) continue;
    const std::chrono::milliseconds silent(InfoOf(fd).tcpi_last_data_recv);
    connections.push_back({fd, std::move(client), silent});
  }
  return connections;
}

Client ClientOf(int socket) {
  SocketAddress peer;
  if (getpeername(socket, peer.get(), &peer.size) != 0) return {};
  auto host = NumericHost(peer.get(), peer.size);
  return host.empty() ? Client{} : Client{std::move(host), peer.port()};
}

}  // namespace conntrack::exporter::web
