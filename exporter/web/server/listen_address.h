// Where to listen, as written on the command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

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

/// "10.0.0.1:10318" or "[::1]:10318", with the port that was bound.
[[nodiscard]] std::string FormatAddress(std::string_view host, std::uint16_t port, bool ipv6);

}  // namespace conntrack::exporter::web
