#include "exporter/web/pages/router.h"

namespace conntrack::exporter::web {

HttpResponse Route(const Routes& routes, const HttpRequest& request) {
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse refused = PlainText(405, "Only GET and HEAD are allowed.\n");
    refused.headers.push_back({"Allow", "GET, HEAD"});
    return refused;
  }
  if (request.path == routes.telemetry_path) return routes.metrics(request);
  if (request.path == "/") return routes.status_page(request);
  if (request.path == "/history.json") return routes.history(request);
  if (request.path == "/-/healthy") {
    const auto reason = routes.unhealthy();
    return reason ? PlainText(503, "Unhealthy: " + *reason + "\n") : PlainText(200, "Healthy\n");
  }
  if (request.path == "/-/ready") {
    const auto reason = routes.not_ready();
    return reason ? PlainText(503, "Not ready: " + *reason + "\n") : PlainText(200, "Ready\n");
  }
  return PlainText(404, "Not found. There is " + routes.telemetry_path +
                            ", /, /history.json, /-/healthy and /-/ready.\n");
}

}  // namespace conntrack::exporter::web
