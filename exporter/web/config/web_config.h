// What --web.config.file says: the format that all exporters built with Prometheus's
// exporter-toolkit share.
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

/// A token bucket: `burst` requests at once, one more each `interval`.
struct RateLimitConfig {
  std::chrono::nanoseconds interval{0};
  int burst = 0;

  friend bool operator==(const RateLimitConfig&, const RateLimitConfig&) = default;
};

/// Name and bcrypt hash.
using Users = std::map<std::string, std::string>;

struct WebConfig {
  std::optional<TlsConfig> tls;               ///< Absent: plain HTTP.
  bool http2_asked_for = false;               ///< `http2: true` stands there. There is no HTTP/2.
  std::vector<HttpHeader> headers;            ///< Sent with every answer.
  Users users;                                ///< Empty: everybody may ask.
  std::optional<RateLimitConfig> rate_limit;  ///< Absent: none.
};

/// \brief  Reads a configuration. Empty text is valid and changes nothing.
///
/// Strict: an unknown or repeated key, a value of the wrong type, and anything that this server
/// could not do is an error. Opens no files; see LoadWebConfig().
/// Errors:  kMalformed; the message begins with line and column: "3:5: unknown key in rate_limit
/// ...". Nothing of the text stands in it but the names of keys that are known.
[[nodiscard]] Result<WebConfig> ParseWebConfig(std::string_view text);

/// Reads "1s", "250ms", "1m30s", "1.5h": numbers with the units ns, us, ms, s, m, h; "0" needs no
/// unit. Nothing if the text is no duration, is negative, or is longer than a year.
[[nodiscard]] std::optional<std::chrono::nanoseconds> ParseGoDuration(std::string_view text);

}  // namespace conntrack::exporter::web
