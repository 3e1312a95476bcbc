// Parses listen addresses of the command line, and checks whether they can be used.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/web/server/features.h"
#include "kernel/result.h"

namespace conntrack::exporter::web {

struct ListenAddress {
  std::string text;  ///< As written, for messages.
  /// IPv4 address or host name, or IPv6 address without brackets, optionally followed by "%eth0".
  /// Empty: all addresses.
  std::string host;
  std::uint16_t port = 0;  ///< 0: the kernel chooses.
  bool ipv6 = false;       ///< `host` is an IPv6 address.

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

/// \brief  Parses "10318", ":10318", "10.0.0.1:10318", "localhost:10318", "[::1]:10318" or
/// "[fe80::1%eth0]:10318".
/// Errors:  kMalformed, with the text and the reason. Host names are not looked up.
[[nodiscard]] Result<ListenAddress> ParseListenAddress(std::string_view text);

/// \brief  Binds all addresses for a moment and returns them with host names resolved: IPv4 if the
/// name has such an address, otherwise IPv6.
///
/// CivetWeb reports why it cannot listen only as text in its log, often without the address. So
/// this tries it first. All addresses are bound at once, to detect conflicts within the list.
/// ":PORT" is both families if there is IPv6, "[::]:PORT" is IPv6 only.
/// Errors:  kBusy if the port is in use, by others or by another address in the list; kDenied if
///          this process lacks the permission; kAbsent if no interface has the address, or IPv6 is
///          missing; kMalformed if a name is unknown. All name the address.
/// Cost: three system calls per address; looking up a host name may wait for a name server.
[[nodiscard]] Result<std::vector<ListenAddress>> CheckListenable(
    std::vector<ListenAddress> addresses, Ipv6 ipv6);

/// Returns the error for an errno of bind(2) or listen(2), with a remedy for the operator.
[[nodiscard]] Error ListenError(int code, const std::string& address);

}  // namespace conntrack::exporter::web
