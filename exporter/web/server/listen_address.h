// Where to listen, as written on the command line, and whether that is possible.
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
  /// IPv4 address or host name, or IPv6 address without brackets, perhaps with "%eth0" behind it;
  /// empty: every address.
  std::string host;
  std::uint16_t port = 0;  ///< 0: the kernel chooses.
  bool ipv6 = false;       ///< `host` is an IPv6 address.

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

/// \brief  Reads "10318", ":10318", "10.0.0.1:10318", "localhost:10318", "[::1]:10318" or
/// "[fe80::1%eth0]:10318".
/// Errors: kMalformed, naming the text and what is wrong with it. Nothing is looked up.
[[nodiscard]] Result<ListenAddress> ParseListenAddress(std::string_view text);

/// \brief  Binds every address for a moment and yields them with host names turned into addresses:
/// IPv4 if the name has one, otherwise IPv6.
///
/// CivetWeb tells why it cannot listen only as text in its log, often without the address; so we
/// ask the kernel first. All are held at once, to find a list that collides with itself. ":PORT" is
/// both families if there is IPv6, "[::]:PORT" is IPv6 alone.
/// Errors: kBusy if the port is taken, by others or by another address of the list; kDenied if this
/// process may not have it; kAbsent if no interface has the address or there is no IPv6 for it;
/// kMalformed if a name is unknown. All name the address.
/// Cost: three system calls an address; looking up a host name may wait for a name server.
[[nodiscard]] Result<std::vector<ListenAddress>> CheckListenable(
    std::vector<ListenAddress> addresses, Ipv6 ipv6);

/// The error for an errno of bind(2) or listen(2), with what the operator can do about it.
[[nodiscard]] Error ListenError(int code, const std::string& address);

}  // namespace conntrack::exporter::web
