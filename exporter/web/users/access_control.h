// Access control for all paths: rate limit and authentication.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "exporter/web/config/reloading_web_config.h"
#include "exporter/web/server/http_message.h"
#include "exporter/web/users/authenticator.h"

namespace conntrack::exporter::web {

/// \brief  A token bucket for all clients together, as in exporter-toolkit: `burst` requests at
/// once, and one more per `interval`.
/// Threads: any number of threads.
class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Returns whether a request may pass at this time. If the configuration has changed since the
  /// last call, the bucket is full again.
  [[nodiscard]] bool Allow(const RateLimitConfig& config, Time now);

 private:
  std::mutex mutex_;  ///< Guards the members below.
  std::optional<RateLimitConfig> config_;
  double tokens_ = 0;
  Time filled_;
};

/// \brief  Passes a request to the next handler, or answers 429 (rate limit exceeded), 401 (wrong
/// user or password) or 503 (too many passwords are being checked).
///
/// The rate limit comes first, as in exporter-toolkit: rejected requests count too.
/// Threads: any number of threads.
class AccessControl {
 public:
  /// `config` must outlive it.
  AccessControl(ReloadingWebConfig& config, Handler behind);

  [[nodiscard]] HttpResponse Handle(const HttpRequest& request);

 private:
  ReloadingWebConfig& config_;
  const Handler behind_;
  RateLimit limit_;
  Authenticator authenticator_;
};

/// Adds the configured headers to a response, and replaces headers of the same name. Exception:
/// X-Content-Type-Options, which the server always sends, with its only value.
void AddConfiguredHeaders(const WebConfig& config, HttpResponse& response);

}  // namespace conntrack::exporter::web
