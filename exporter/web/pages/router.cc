#include "exporter/web/pages/router.h"

#include <utility>

namespace conntrack::exporter::web {

Router::Router(Routes routes) : routes_(std::move(routes)) {}

HttpResponse Router::Route(const HttpRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse refused = PlainText(405, "Only GET and HEAD are served here.\n");
    refused.headers.push_back({"Allow", "GET, HEAD"});
    return refused;
  }
  if (request.path == routes_.telemetry_path) return routes_.metrics(request);
  if (request.path == "/") return routes_.status_page(request);
  if (request.path == "/-/healthy") return PlainText(200, "Healthy\n");
  if (request.path == "/-/ready") return Ready();
  return NotFound();
}

HttpResponse Router::Ready() const {
  const auto reason = routes_.not_ready();
  if (reason) return PlainText(503, "Not ready: " + *reason + "\n");
  return PlainText(200, "Ready\n");
}

HttpResponse Router::NotFound() const {
  return PlainText(
      404, "Not found. There is " + routes_.telemetry_path + ", /, /-/healthy and /-/ready.\n");
}

}  // namespace conntrack::exporter::web
