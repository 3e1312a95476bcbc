// Addresses of a host, in bounded time.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "exporter/web/server/socket_address.h"
#include "kernel/result.h"

namespace conntrack::exporter::web {

using Deadline = std::chrono::steady_clock::time_point;

/// \brief  The TCP addresses of a host, at least one, in the order in which to try them.
///
/// Errors: kAbsent where the name is not known, kTimeout where nobody said so in time.
/// Threads and cost: an address costs nothing. A name is looked up by a thread that is left behind
/// where it takes too long, because getaddrinfo(3) cannot be told to stop: for a process that is
/// about to end.
[[nodiscard]] Result<std::vector<SocketAddress>> Resolve(const std::string& host,
                                                         std::uint16_t port, Deadline deadline);

}  // namespace conntrack::exporter::web
