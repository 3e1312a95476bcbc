// The client of `healthcheck` and `report --from`: one GET.
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

/// \brief  Reads "http://HOST[:PORT][/PATH]", or https. `path` is used where the text has none.
/// Errors: kMalformed, naming the text and what is wrong with it; users are refused.
[[nodiscard]] Result<HttpUrl> ParseHttpUrl(std::string_view text,
                                           std::string_view path = kHealthPath);

/// \brief  Where an exporter of this machine that listens on that address says whether it is well:
/// a wildcard becomes the loopback address of its family.
/// Errors: kMalformed where it is no listen address, or its port is the kernel's choice.
[[nodiscard]] Result<HttpUrl> HealthUrlOf(std::string_view listen_address);

/// The URL as text.
[[nodiscard]] std::string ToString(const HttpUrl& url);

/// \brief  Sends GET to a URL and yields the status of the answer.
///
/// Tries each address of a name: "localhost" is ::1 before it is 127.0.0.1, and not all listen on
/// both. Reads only the status line, follows no redirection, and is done by the deadline however
/// slowly the other side sends. Does not verify the server's certificate: this asks a process of
/// the same machine whether it is healthy, as Kubernetes' HTTPS probes do.
/// Errors:  kTimeout; kAbsent for an unknown name; kMalformed for an answer that is no HTTP, or no
/// TLS; kDenied if the server wants a client certificate; kIo, with the errno, if nobody listens.
/// Threads and cost: any thread; the process ignores SIGPIPE from then on. getaddrinfo(3) cannot be
/// stopped: its thread is left behind if it takes too long, so this is for a process about to end.
[[nodiscard]] Result<int> HttpGetStatus(const HttpUrl& url,
                                        std::chrono::steady_clock::time_point deadline);

struct HttpAnswer {
  int status = 0;
  std::string body;
};

/// \brief  The same for the whole answer, headers and body, of less than `most_bytes`.
/// Errors:  of HttpGetStatus(), and kMalformed for more bytes.
[[nodiscard]] Result<HttpAnswer> HttpGet(const HttpUrl& url,
                                         std::chrono::steady_clock::time_point deadline,
                                         std::size_t most_bytes);

/// The status in "HTTP/1.1 200 OK", without its line break; nothing where it is no such line.
[[nodiscard]] std::optional<int> ParseStatusLine(std::string_view line);

}  // namespace conntrack::exporter::web
