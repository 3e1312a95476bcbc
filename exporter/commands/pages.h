// All that is served over HTTP.
#pragma once

#include <optional>

#include "exporter/options.h"
#include "exporter/scraper.h"
#include "exporter/status/status_handler.h"
#include "exporter/web/live_web_config.h"
#include "exporter/web/metrics_handler.h"
#include "exporter/web/request_limit.h"
#include "exporter/web/router.h"

namespace conntrack::exporter {

/// \brief  The metrics, the status page and what probes ask for, with one limit on what runs at
/// once.
/// Threads: Get() runs in any number of threads at once. There is one thread of its own, which has
/// none of the capabilities that are kept until the sockets listen.
class Pages {
 public:
  /// All outlive it; `config` may be null.
  Pages(const Options& options, Scraper& scraper, const web::LiveWebConfig* config);

  [[nodiscard]] web::HttpResponse Get(const web::HttpRequest& request) {
    return router_->Route(request);
  }

 private:
  [[nodiscard]] web::Routes RoutesOf(const Options& options);

  web::RequestLimit limit_;
  web::MetricsHandler metrics_;
  std::optional<status::StatusHandler> status_page_;
  std::optional<web::Router> router_;
};

}  // namespace conntrack::exporter
