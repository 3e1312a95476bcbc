// Listening sockets that systemd, or whoever speaks like it, opened for this process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernel/result.h"

namespace conntrack::exporter::web {

struct InheritedSocket {
  int fd = -1;
  std::uint16_t port = 0;
  std::string address;  ///< "0.0.0.0:10318" or "[::]:10318"

  friend bool operator==(const InheritedSocket&, const InheritedSocket&) = default;
};

/// How many sockets were passed to this process.
/// Source: LISTEN_PID and LISTEN_FDS in the environment, sd_listen_fds(3).
[[nodiscard]] int CountInheritedSockets();

/// \brief  The sockets that were passed, all fit to be served.
/// Errors: kAbsent where none was passed; kMalformed, naming the descriptor, for one that does not
/// listen for TCP: a Unix socket, a datagram socket, or a connection (Accept=yes).
[[nodiscard]] Result<std::vector<InheritedSocket>> InheritedSockets();

/// The same for sockets from `first` on.
[[nodiscard]] Result<std::vector<InheritedSocket>> SocketsFrom(int first, int count);

}  // namespace conntrack::exporter::web
