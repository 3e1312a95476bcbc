// The sockets of this process that belong to a port.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace conntrack::exporter::web {

enum class Which { kAll, kConnections };

/// \brief  Ends every TCP socket of this process whose local port is one of `ports`, by
/// shutdown(2): those that listen too, or connections alone. A socket that listens and is shared
/// with another process ends there as well.
///
/// CivetWeb hides its sockets, and its threads look at the stop flag only when poll(2) returns, up
/// to two seconds later (SOCKET_TIMEOUT_QUANTUM). A socket that is shut down makes poll return at
/// once.
/// Source:  /proc/self/fd; where that cannot be read nothing happens, and stopping takes CivetWeb's
/// time.
/// Threads: any. A descriptor that is closed meanwhile is skipped.
void ShutDownSockets(std::span<const std::uint16_t> ports, Which which);

/// The descriptors of this process that listen on one of `ports`.
[[nodiscard]] std::vector<int> Listeners(std::span<const std::uint16_t> ports);

/// How many connections wait to be accepted from these listeners. Source: tcp_info.tcpi_unacked,
/// which for a listener is its sk_ack_backlog (tcp_get_info(), net/ipv4/tcp.c).
[[nodiscard]] std::size_t WaitingAt(std::span<const int> listeners);

/// The other end of a connection.
struct Client {
  std::string address;  ///< As numbers: "192.0.2.1", "fe80::1%eth0".
  std::uint16_t port = 0;

  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const Client&, const Client&) = default;
};

struct OpenConnection {
  int socket = -1;
  Client client;
  /// Since something came from it, or since it was made: tcp_info.tcpi_last_data_recv.
  std::chrono::milliseconds silent{};
};

/// \brief  The connections of this process to one of `ports`.
/// Source and cost:  /proc/self/fd; some system calls for each open file.
[[nodiscard]] std::vector<OpenConnection> Connections(std::span<const std::uint16_t> ports);

/// The other end; nothing in it where there is none.
[[nodiscard]] Client ClientOf(int socket);

}  // namespace conntrack::exporter::web
