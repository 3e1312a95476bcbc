// Routes paths to handlers.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {

struct Routes {
  /// Begins with '/'. If it is "/", there is no status page.
  std::string telemetry_path = "/metrics";
  Handler metrics;
  Handler status_page;  ///< For "/".
  Handler history;      ///< For "/history.json".
  /// Returns why this process is unhealthy; std::nullopt if healthy. Called by several threads at
  /// once.
  std::function<std::optional<std::string>()> unhealthy;
  /// Returns why a scrape would return nothing yet; std::nullopt if ready. Called by several
  /// threads at once.
  std::function<std::optional<std::string>()> not_ready;
};

/// \brief  Answers the telemetry path, "/", "/history.json", "/-/healthy" (the process works) and
/// "/-/ready" (a scrape would return metrics). Paths must match exactly, byte by byte: "//metrics",
/// "/metrics/" and "/x/../metrics" are unknown.
/// Errors:  405 for methods other than GET and HEAD, 404 for an unknown path, 503 if unhealthy or
///          not ready.
[[nodiscard]] HttpResponse Route(const Routes& routes, const HttpRequest& request);

}  // namespace conntrack::exporter::web
