// Which path is answered by what.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {

struct Routes {
  /// Begins with '/'. Where it is "/", there is no status page.
  std::string telemetry_path = "/metrics";
  Handler metrics;
  Handler status_page;  ///< For "/".
  Handler history;      ///< For "/history.json".
  /// Why this process does not do its work; nothing when healthy. Called by several threads at
  /// once.
  std::function<std::optional<std::string>()> unhealthy;
  /// Why a scrape would yield nothing yet; nothing when ready. Called by several threads at once.
  std::function<std::optional<std::string>()> not_ready;
};

/// \brief  Answers the telemetry path, "/", "/history.json", "/-/healthy" (this process does its
/// work) and "/-/ready" (a scrape would yield metrics). Paths are compared whole, byte by byte:
/// "//metrics", "/metrics/" and "/x/../metrics" are unknown.
/// Errors:  405 for methods other than GET and HEAD, 404 for an unknown path, 503 when unhealthy or
/// not ready.
[[nodiscard]] HttpResponse Route(const Routes& routes, const HttpRequest& request);

}  // namespace conntrack::exporter::web
