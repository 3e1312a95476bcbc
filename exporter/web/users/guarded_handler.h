// What stands before every path: the limit on requests, and who may ask.
#pragma once

#include "exporter/web/config/live_web_config.h"
#include "exporter/web/config/rate_limit.h"
#include "exporter/web/server/http_message.h"
#include "exporter/web/users/authenticator.h"

namespace conntrack::exporter::web {

/// \brief  Lets a request through to the handler behind it, or answers 429 (above the rate limit),
/// 401 (no such user and password) or 503 (too many passwords are being checked).
///
/// The limit comes first, as in the toolkit: it counts refused requests too.
/// Threads: any number at once.
class GuardedHandler {
 public:
  /// `config` outlives it.
  GuardedHandler(LiveWebConfig& config, Handler behind);

  [[nodiscard]] HttpResponse Handle(const HttpRequest& request);

 private:
  LiveWebConfig& config_;
  const Handler behind_;
  RateLimit limit_;
  Authenticator authenticator_;
};

/// \brief  Adds the configured headers to an answer, of whichever kind it is, each in place of the
/// one of the same name that the answer has.
/// X-Content-Type-Options is not among them: the server always sends it, with its only value.
void AddConfiguredHeaders(const WebConfig& config, HttpResponse& response);

}  // namespace conntrack::exporter::web
