// Access control before every path: the rate limit, and authentication.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "exporter/web/config/reloading_web_config.h"
#include "exporter/web/server/http_message.h"
#include "exporter/web/users/authenticator.h"

namespace conntrack::exporter::web {

/// \brief  A token bucket for all clients together, as the toolkit has it: `burst` requests at
/// once, and one more each `interval`.
/// Threads: any number at once.
class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Whether a request may pass at this time. Where the configuration is another than the last
  /// time, the bucket is full again.
  [[nodiscard]] bool Allow(const RateLimitConfig& config, Time now);

 private:
  std::mutex mutex_;  ///< Guards what follows.
  std::optional<RateLimitConfig> config_;
  double tokens_ = 0;
  Time filled_;
};

/// \brief  Lets a request through to the handler behind it, or answers 429 (above the rate limit),
/// 401 (no such user and password) or 503 (too many passwords are being checked).
///
/// The limit comes first, as in the toolkit: it counts refused requests too.
/// Threads: any number at once.
class AccessControl {
 public:
  /// `config` outlives it.
  AccessControl(ReloadingWebConfig& config, Handler behind);

  [[nodiscard]] HttpResponse Handle(const HttpRequest& request);

 private:
  ReloadingWebConfig& config_;
  const Handler behind_;
  RateLimit limit_;
  Authenticator authenticator_;
};

/// Adds the configured headers to an answer, in place of those of the same name. Except
/// X-Content-Type-Options: the server always sends it, with its only value.
void AddConfiguredHeaders(const WebConfig& config, HttpResponse& response);

}  // namespace conntrack::exporter::web
