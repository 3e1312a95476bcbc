// The format of --web.config.file, which all exporters built with Prometheus's exporter-toolkit
// share.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/web/config/tls_config.h"
#include "exporter/web/server/http_message.h"
#include "kernel/result.h"

namespace conntrack::exporter::web {

/// A token bucket: `burst` requests at once, and one more per `interval`.
struct RateLimitConfig {
  std::chrono::nanoseconds interval{0};
  int burst = 0;

  friend bool operator==(const RateLimitConfig&, const RateLimitConfig&) = default;
};

/// Name and bcrypt hash.
using Users = std::map<std::string, std::string>;

struct WebConfig {
  std::optional<TlsConfig> tls;               ///< Absent: plain HTTP.
  bool http2_asked_for = false;               ///< `http2: true` is set. There is no HTTP/2.
  std::vector<HttpHeader> headers;            ///< Sent with every response.
  Users users;                                ///< Empty: no authentication.
  std::optional<RateLimitConfig> rate_limit;  ///< Absent: no limit.
};

/// \brief  Parses a configuration. Empty text is valid and changes nothing.
///
/// Strict: unknown or repeated keys, values of the wrong type, and settings that this server does
/// not support are errors. Opens no files; see LoadWebConfig().
/// Errors:  kMalformed; the message begins with line and column: "3:5: unknown key in rate_limit
///          ...". It quotes nothing of the text except names of known keys.
[[nodiscard]] Result<WebConfig> ParseWebConfig(std::string_view text);

/// Parses "1s", "250ms", "1m30s", "1.5h": numbers with the units ns, us, ms, s, m, h; "0" needs no
/// unit. Returns std::nullopt if the text is not a duration, is negative, or is longer than one
/// year.
[[nodiscard]] std::optional<std::chrono::nanoseconds> ParseGoDuration(std::string_view text);

}  // namespace conntrack::exporter::web
