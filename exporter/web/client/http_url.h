// Where to ask, as written on the command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kernel/result.h"

namespace conntrack::exporter::web {

struct HttpUrl {
  std::string host;  ///< IPv4 address or host name, or IPv6 address without brackets.
  std::uint16_t port = 80;
  bool ipv6 = false;   ///< `host` is an IPv6 address.
  std::string target;  ///< Path and query; begins with '/'.
  bool tls = false;    ///< https

  friend bool operator==(const HttpUrl&, const HttpUrl&) = default;
};

/// \brief  Reads "http://HOST[:PORT][/PATH]", or https; without a path it means /-/healthy.
/// Errors: kMalformed, naming the text and what is wrong with it; users are refused.
[[nodiscard]] Result<HttpUrl> ParseHttpUrl(std::string_view text);

/// \brief  Where an exporter of this machine that listens on that address says whether it is well:
/// a wildcard becomes the loopback address of its family.
/// Errors: kMalformed where it is no listen address, or its port is the kernel's choice.
[[nodiscard]] Result<HttpUrl> HealthUrlOf(std::string_view listen_address);

/// The URL as text.
[[nodiscard]] std::string ToString(const HttpUrl& url);

}  // namespace conntrack::exporter::web
