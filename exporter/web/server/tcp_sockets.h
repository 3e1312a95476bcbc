// TCP sockets of this process: their addresses, connections, and those that systemd passes.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernel/result.h"

namespace conntrack::exporter::web {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }

  /// 0 where it is no address of IPv4 or IPv6.
  [[nodiscard]] std::uint16_t port() const;
};

/// As numbers: "192.0.2.1", "fe80::1%eth0". Empty where it is no such address.
[[nodiscard]] std::string NumericHost(const sockaddr* address, socklen_t size);

/// "10.0.0.1:10318" or "[::1]:10318".
[[nodiscard]] std::string FormatAddress(std::string_view host, std::uint16_t port, bool ipv6);

/// The remote end of a connection.
struct Peer {
  std::string address;  ///< As NumericHost() has it.
  std::uint16_t port = 0;

  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const Peer&, const Peer&) = default;
};

/// Empty where the socket is not connected.
[[nodiscard]] Peer PeerOf(int socket);

struct TcpConnection {
  int socket = -1;
  Peer peer;
};

/// \brief  The connections of this process to one of its `ports`.
/// Source and cost:  /proc/self/fd; some system calls for each open file.
[[nodiscard]] std::vector<TcpConnection> Connections(std::span<const std::uint16_t> ports);

/// The descriptors of this process that listen on one of `ports`.
[[nodiscard]] std::vector<int> ListeningSockets(std::span<const std::uint16_t> ports);

/// How many connections wait to be accepted from these sockets. Source: tcp_info.tcpi_unacked,
/// which for a listening socket is its sk_ack_backlog (tcp_get_info(), net/ipv4/tcp.c).
[[nodiscard]] std::size_t AcceptBacklog(std::span<const int> listeners);

enum class Which { kAll, kConnections };

/// \brief  Calls shutdown(2) on the TCP sockets of this process whose local port is one of `ports`.
/// A listening socket that is shared with another process ends there as well.
///
/// CivetWeb hides its sockets, and its threads look at the stop flag only when poll(2) returns, up
/// to half a second later (SOCKET_TIMEOUT_QUANTUM). A shutdown makes poll return at once.
/// Source and threads:  /proc/self/fd; any thread.
void ShutDownSockets(std::span<const std::uint16_t> ports, Which which);

struct InheritedSocket {
  int fd = -1;
  std::uint16_t port = 0;
  std::string address;  ///< "0.0.0.0:10318" or "[::]:10318"

  friend bool operator==(const InheritedSocket&, const InheritedSocket&) = default;
};

/// How many sockets were passed to this process.
/// Source: LISTEN_PID and LISTEN_FDS in the environment, sd_listen_fds(3).
[[nodiscard]] int CountInheritedSockets();

/// The sockets that were passed.
/// Errors: kAbsent if none was passed; kMalformed, naming the descriptor, for one that does not
/// listen for TCP: a Unix socket, a datagram socket, or a connection (Accept=yes).
[[nodiscard]] Result<std::vector<InheritedSocket>> InheritedSockets();

/// The same for sockets from `first` on.
[[nodiscard]] Result<std::vector<InheritedSocket>> SocketsFrom(int first, int count);

}  // namespace conntrack::exporter::web
