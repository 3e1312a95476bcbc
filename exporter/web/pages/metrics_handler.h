// The metrics endpoint.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "exporter/metrics/reading_scheduler.h"
#include "exporter/web/pages/content_negotiation.h"
#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {

struct MetricsHandlerOptions {
  /// Subtracted from the scraper's timeout.
  std::chrono::milliseconds timeout_offset{500};
  /// Used if the request does not state a timeout.
  std::chrono::milliseconds default_timeout{10'000};
};

/// \brief  Answers a scrape in the format and with the compression that the client requests.
///
/// Honours X-Prometheus-Scrape-Timeout-Seconds, `collect[]` and `exclude[]`. A collector that fails
/// does not fail the scrape: the status is 200 and its success metric is 0.
/// Errors:  400 for an invalid query. Exceptions of `render` are passed to the server.
/// Threads: Handle() runs in any number of threads at once, as does `render`.
class MetricsHandler {
 public:
  using Render = std::function<std::string(const std::vector<CollectorRun>&, MetricsFormat)>;

  /// `scheduler` must outlive the handler.
  MetricsHandler(ReadingScheduler& scheduler, Render render, MetricsHandlerOptions options);

  [[nodiscard]] HttpResponse Handle(const HttpRequest& request);

 private:
  ReadingScheduler& scheduler_;
  const Render render_;
  const MetricsHandlerOptions options_;
};

/// \brief  Returns the time budget of a scrape, from X-Prometheus-Scrape-Timeout-Seconds in
/// `header`, or `otherwise` if that is missing or not a number of seconds above 0 and up to one
/// hour. `offset` is subtracted for the way to Prometheus, but at most nine tenths of the time.
[[nodiscard]] std::chrono::milliseconds ScrapeBudget(std::optional<std::string_view> header,
                                                     std::chrono::milliseconds otherwise,
                                                     std::chrono::milliseconds offset);

/// \brief  Applies `collect[]=NAME` (only these) or `exclude[]=NAME` (all but these), like
/// node_exporter; without either, returns all of `available`. Keeps the order of `available`.
/// Errors:  a text for the client: both parameters at once, or a name that is not in `available`.
[[nodiscard]] tl::expected<std::vector<std::string>, std::string> SelectCollectors(
    const std::vector<QueryParameter>& parameters, const std::vector<std::string>& available);

}  // namespace conntrack::exporter::web
