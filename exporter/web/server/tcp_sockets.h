// TCP sockets of this process: addresses, connections, and sockets passed by systemd.
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

  /// Returns 0 if it is not an IPv4 or IPv6 address.
  [[nodiscard]] std::uint16_t port() const;
};

/// Returns the numeric address: "192.0.2.1", "fe80::1%eth0". Empty if it is neither IPv4 nor IPv6.
[[nodiscard]] std::string NumericHost(const sockaddr* address, socklen_t size);

/// Returns "10.0.0.1:10318" or "[::1]:10318".
[[nodiscard]] std::string FormatAddress(std::string_view host, std::uint16_t port, bool ipv6);

/// The remote endpoint of a connection.
struct Peer {
  std::string address;  ///< In the format of NumericHost().
  std::uint16_t port = 0;

  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const Peer&, const Peer&) = default;
};

/// Returns an empty address if the socket is not connected.
[[nodiscard]] Peer PeerOf(int socket);

struct TcpConnection {
  int socket = -1;
  Peer peer;
};

/// \brief  Returns the connections of this process to one of its `ports`.
/// Source and cost: /proc/self/fd; some system calls per open file.
[[nodiscard]] std::vector<TcpConnection> Connections(std::span<const std::uint16_t> ports);

/// Returns the descriptors of this process that listen on one of `ports`.
[[nodiscard]] std::vector<int> ListeningSockets(std::span<const std::uint16_t> ports);

/// Returns how many connections wait to be accepted from these sockets. Source:
/// tcp_info.tcpi_unacked, which for a listening socket is its sk_ack_backlog (tcp_get_info(),
/// net/ipv4/tcp.c).
[[nodiscard]] std::size_t AcceptBacklog(std::span<const int> listeners);

enum class Which { kAll, kConnections };

/// \brief  Calls shutdown(2) on the TCP sockets of this process with a local port in `ports`. A
/// listening socket that is shared with another process stops listening there as well.
///
/// CivetWeb does not expose its sockets, and its threads check the stop flag only when poll(2)
/// returns, up to 0.5 s later (SOCKET_TIMEOUT_QUANTUM). A shutdown makes poll return at once.
/// Source and threads: /proc/self/fd; any thread.
void ShutDownSockets(std::span<const std::uint16_t> ports, Which which);

struct InheritedSocket {
  int fd = -1;
  std::uint16_t port = 0;
  std::string address;  ///< "0.0.0.0:10318" or "[::]:10318"

  friend bool operator==(const InheritedSocket&, const InheritedSocket&) = default;
};

/// Returns the number of sockets passed to this process. Source: LISTEN_PID and LISTEN_FDS in the
/// environment, sd_listen_fds(3).
[[nodiscard]] int CountInheritedSockets();

/// Returns the sockets passed to this process.
/// Errors:  kAbsent if there are none; kMalformed, with the descriptor, if one does not listen for
///          TCP: a Unix socket, a datagram socket, or a connection (Accept=yes).
[[nodiscard]] Result<std::vector<InheritedSocket>> InheritedSockets();

/// The same for `count` sockets from `first` on.
[[nodiscard]] Result<std::vector<InheritedSocket>> SocketsFrom(int first, int count);

}  // namespace conntrack::exporter::web
