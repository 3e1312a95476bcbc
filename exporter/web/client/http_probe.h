// HTTP client of `healthcheck` and `report --from`: one GET.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
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

inline constexpr std::string_view kHealthPath = "/-/healthy";

/// \brief  Parses "http://HOST[:PORT][/PATH]", or https. `path` is the default path.
/// Errors:  kMalformed, with the text and the reason; user names are refused.
[[nodiscard]] Result<HttpUrl> ParseHttpUrl(std::string_view text,
                                           std::string_view path = kHealthPath);

/// \brief  Returns the health URL of an exporter on this host with that listen address. A wildcard
/// address becomes the loopback address of its family.
/// Errors:  kMalformed if it is not a listen address, or the kernel chooses its port.
[[nodiscard]] Result<HttpUrl> HealthUrlOf(std::string_view listen_address);

/// Returns the URL as text.
[[nodiscard]] std::string ToString(const HttpUrl& url);

/// \brief  Sends GET and returns the status code.
///
/// Tries each address of a name: "localhost" is ::1 before 127.0.0.1, and not all servers listen on
/// both. Reads only the status line, follows no redirect, and meets the deadline however slowly the
/// server sends. Does not verify the server's certificate, like HTTPS probes of Kubernetes: it
/// checks a process on the same host.
/// Errors:  kTimeout; kAbsent for an unknown name; kMalformed if the response is not HTTP or not
///          TLS; kDenied if the server requires a client certificate; kIo, with the errno, if no
///          server listens.
/// Threads and cost: any thread; the process ignores SIGPIPE afterwards. getaddrinfo(3) cannot be
/// cancelled: if it takes too long, its thread is abandoned, so use this only before the process
/// exits.
[[nodiscard]] Result<int> HttpGetStatus(const HttpUrl& url,
                                        std::chrono::steady_clock::time_point deadline);

struct HttpAnswer {
  int status = 0;
  std::string body;
};

/// \brief  The same for the whole response, headers and body, of less than `most_bytes`.
/// Errors:  as HttpGetStatus(), and kMalformed if it is longer.
[[nodiscard]] Result<HttpAnswer> HttpGet(const HttpUrl& url,
                                         std::chrono::steady_clock::time_point deadline,
                                         std::size_t most_bytes);

/// Returns the status code in "HTTP/1.1 200 OK", without line break; std::nullopt if it is not a
/// status line.
[[nodiscard]] std::optional<int> ParseStatusLine(std::string_view line);

}  // namespace conntrack::exporter::web
