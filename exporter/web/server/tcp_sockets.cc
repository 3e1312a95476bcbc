#include "exporter/web/server/tcp_sockets.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include "kernel/proc/kernel_files.h"
#include "kernel/text.h"

namespace conntrack::exporter::web {
namespace {

// Returns std::nullopt if it is not a socket.
std::optional<int> Option(int fd, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, name, &value, &size) != 0) return std::nullopt;
  return value;
}

// Whether it is a TCP socket with a local port in `ports`.
bool IsOn(std::span<const std::uint16_t> ports, int fd) {
  SocketAddress local;
  if (Option(fd, SO_TYPE) != SOCK_STREAM) return false;
  if (getsockname(fd, local.get(), &local.size) != 0 || local.port() == 0) return false;
  return std::find(ports.begin(), ports.end(), local.port()) != ports.end();
}

// Returns the descriptors of this process on these ports. A descriptor that is closed or reused
// meanwhile is judged by its state when it is checked.
std::vector<int> SocketsOn(std::span<const std::uint16_t> ports) {
  std::vector<int> found;
  const auto names = kernel::KernelFiles("/proc").List("self/fd");
  if (!names && names.error().code == ENOMEM) throw std::bad_alloc();
  for (const auto& name : names.value_or(std::vector<std::string>())) {
    const int fd = kernel::ParseNumber<int>(name).value_or(-1);
    if (IsOn(ports, fd)) found.push_back(fd);
  }
  return found;
}

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START

std::optional<int> NumberFromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return kernel::ParseNumber<int>(value);
}

// Returns why a descriptor cannot be served; empty if it can.
std::string Complaint(int fd) {
  const auto family = Option(fd, SO_DOMAIN);
  if (!family) return "is no socket";
  if (*family != AF_INET && *family != AF_INET6) {
    return "is no TCP socket; ListenStream= takes a port or an address here, no path";
  }
  if (Option(fd, SO_TYPE) != SOCK_STREAM) return "is no TCP socket; use ListenStream=";
  if (Option(fd, SO_ACCEPTCONN) != 1) return "does not listen; the socket unit needs Accept=no";
  return "";
}

InheritedSocket Describe(int fd) {
  SocketAddress address;
  getsockname(fd, address.get(), &address.size);
  const bool ipv6 = address.storage.ss_family == AF_INET6;
  const auto port = address.port();
  return {fd, port, FormatAddress(NumericHost(address.get(), address.size), port, ipv6)};
}

}  // namespace

std::uint16_t SocketAddress::port() const {
  if (storage.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
  }
  if (storage.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
  }
  return 0;
}

std::string NumericHost(const sockaddr* address, socklen_t size) {
  std::array<char, NI_MAXHOST> text{};
  const int failed =
      getnameinfo(address, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
  return failed == 0 ? text.data() : std::string();
}

std::string FormatAddress(std::string_view host, std::uint16_t port, bool ipv6) {
  std::string text(ipv6 ? "[" : "");
  return text.append(host).append(ipv6 ? "]:" : ":").append(std::to_string(port));
}

Peer PeerOf(int socket) {
  SocketAddress peer;
  if (getpeername(socket, peer.get(), &peer.size) != 0) return {};
  auto host = NumericHost(peer.get(), peer.size);
  return host.empty() ? Peer{} : Peer{std::move(host), peer.port()};
}

std::vector<TcpConnection> Connections(std::span<const std::uint16_t> ports) {
  std::vector<TcpConnection> connections;
  for (const int fd : SocketsOn(ports)) {
    Peer peer = PeerOf(fd);
    if (peer.port != 0) connections.push_back({fd, std::move(peer)});
  }
  return connections;
}

std::vector<int> ListeningSockets(std::span<const std::uint16_t> ports) {
  auto sockets = SocketsOn(ports);
  std::erase_if(sockets, [](int fd) { return Option(fd, SO_ACCEPTCONN) != 1; });
  return sockets;
}

std::size_t AcceptBacklog(std::span<const int> listeners) {
  std::size_t waiting = 0;
  for (const int fd : listeners) {
    tcp_info info{};
    socklen_t size = sizeof info;
    const bool known = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0;
    if (known && info.tcpi_state == TCP_LISTEN) waiting += info.tcpi_unacked;
  }
  return waiting;
}

void ShutDownSockets(std::span<const std::uint16_t> ports, Which which) {
  for (const int fd : SocketsOn(ports)) {
    if (which == Which::kAll || Option(fd, SO_ACCEPTCONN) != 1) shutdown(fd, SHUT_RDWR);
  }
}

int CountInheritedSockets() {
  if (NumberFromEnvironment("LISTEN_PID") != static_cast<int>(::getpid())) return 0;
  return std::max(0, NumberFromEnvironment("LISTEN_FDS").value_or(0));
}

Result<std::vector<InheritedSocket>> SocketsFrom(int first, int count) {
  std::vector<InheritedSocket> sockets;
  for (int fd = first; fd < first + count; ++fd) {
    if (const auto complaint = Complaint(fd); !complaint.empty()) {
      return Fail(ErrorKind::kMalformed,
                  "descriptor " + std::to_string(fd) + " of " + std::to_string(count) +
                      " that were passed " + complaint,
                  "correct the socket unit, or start without --web.systemd-socket");
    }
    sockets.push_back(Describe(fd));
  }
  return sockets;
}

Result<std::vector<InheritedSocket>> InheritedSockets() {
  const int count = CountInheritedSockets();
  if (count == 0) {
    return Fail(ErrorKind::kAbsent, "--web.systemd-socket: no socket was passed (LISTEN_FDS)",
                "start the socket unit instead of the service, or leave the flag out");
  }
  return SocketsFrom(kFirst, count);
}

}  // namespace conntrack::exporter::web
