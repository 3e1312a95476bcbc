// All that is served over HTTP.
#pragma once

#include <optional>

#include "exporter/command_line/options.h"
#include "exporter/metrics/scraper.h"
#include "exporter/status/status_handler.h"
#include "exporter/web/config/reloading_web_config.h"
#include "exporter/web/pages/metrics_handler.h"
#include "exporter/web/pages/router.h"
#include "exporter/web/server/request_limit.h"

namespace conntrack::exporter {

/// \brief  The metrics, the status page and what probes ask for, with one limit on what runs at
/// once.
/// Threads: Get() runs in any number of threads at once. There is one thread of its own, which has
/// none of the capabilities that are kept until the sockets listen.
class Pages {
 public:
  /// All outlive it; `config` may be null.
  Pages(const Options& options, Scraper& scraper, const web::ReloadingWebConfig* config);

  [[nodiscard]] web::HttpResponse Get(const web::HttpRequest& request) const {
    return web::Route(routes_, request);
  }

 private:
  web::RequestLimit limit_;
  web::MetricsHandler metrics_;
  std::optional<status::StatusHandler> status_page_;
  web::Routes routes_;
};

}  // namespace conntrack::exporter
