// What CivetWeb is told, in its words.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "exporter/web/server/features.h"
#include "exporter/web/server/inherited_sockets.h"
#include "exporter/web/server/listen_address.h"
#include "exporter/web/server/server.h"

namespace conntrack::exporter::web {

/// A bare port is IPv4 only, one with a plus is both families, an s means TLS.
[[nodiscard]] std::string CivetPorts(const std::vector<ListenAddress>& addresses, Ipv6 ipv6,
                                     bool tls);

/// As patches/civetweb/inherited-sockets.patch has it.
[[nodiscard]] std::string CivetPorts(const std::vector<InheritedSocket>& sockets, bool tls);

/// Names and values by turns, as mg_start2() wants them.
[[nodiscard]] std::vector<std::string> CivetOptions(const ServerOptions& options,
                                                    std::string ports);

/// How many files may be open at once: connections, and all else that this process ever has open.
[[nodiscard]] std::size_t OpenFiles(const ServerOptions& options);

}  // namespace conntrack::exporter::web
