// Features of the HTTP server in this build.
#pragma once

#include <string>

namespace conntrack::exporter::web {

enum class Ipv6 { kAvailable, kNotInCivetWeb, kNotInKernel };

/// Returns whether addresses may be IPv6: built into CivetWeb and available in the kernel.
[[nodiscard]] Ipv6 FindIpv6();

/// Returns whether CivetWeb can serve sockets opened by systemd.
[[nodiscard]] bool TakesInheritedSockets();

/// Returns text for people: "CivetWeb 1.15, IPv6, TLS (OpenSSL 3.0.17), systemd sockets".
[[nodiscard]] std::string Features();

}  // namespace conntrack::exporter::web
