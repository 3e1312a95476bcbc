// The sockets of this process that belong to a port.
#pragma once

#include <cstdint>
#include <span>

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

}  // namespace conntrack::exporter::web
