// The metrics endpoint.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "exporter/metrics/scraper.h"
#include "exporter/web/pages/accept.h"
#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {

struct MetricsHandlerOptions {
  /// Kept back from the time that Prometheus waits.
  std::chrono::milliseconds timeout_offset{500};
  /// Where the request does not say how long it waits.
  std::chrono::milliseconds default_timeout{10'000};
};

/// \brief  Answers a scrape in the format that the client would like (see accept.h), with gzip
/// where it wants that.
///
/// Honours X-Prometheus-Scrape-Timeout-Seconds, `collect[]` and `exclude[]`. A collector that fails
/// does not fail the scrape: the answer is 200 and its success metric is 0.
/// Errors:  400 for a query that is wrong; what `render` throws is the server's business.
/// Threads: Handle() runs in any number of threads at once, as does `render`.
class MetricsHandler {
 public:
  using Render = std::function<std::string(const std::vector<Family>&, MetricsFormat)>;

  /// `scraper` outlives the handler.
  MetricsHandler(Scraper& scraper, Render render, MetricsHandlerOptions options);

  [[nodiscard]] HttpResponse Handle(const HttpRequest& request);

 private:
  Scraper& scraper_;
  const Render render_;
  const MetricsHandlerOptions options_;
};

}  // namespace conntrack::exporter::web
