// What the HTTP server of this build can do.
#pragma once

#include <string>

namespace conntrack::exporter::web {

enum class Ipv6 { kAvailable, kNotInCivetWeb, kNotInKernel };

/// Whether addresses may be IPv6: CivetWeb has it built in, and the kernel has it.
[[nodiscard]] Ipv6 FindIpv6();

/// Whether CivetWeb serves sockets that systemd opened.
[[nodiscard]] bool TakesInheritedSockets();

/// For people: "CivetWeb 1.15, IPv6, TLS (OpenSSL 3.0.17), systemd sockets".
[[nodiscard]] std::string Features();

}  // namespace conntrack::exporter::web
