// Addresses of sockets, as the kernel has them.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

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

}  // namespace conntrack::exporter::web
