#include "exporter/commands/pages.h"

#include <string>
#include <utility>

#include "exporter/commands/metrics_page.h"
#include "exporter/confinement/capabilities.h"
#include "exporter/version.h"

namespace conntrack::exporter {
namespace {

web::MetricsHandlerOptions MetricsOptionsOf(const Options& options) {
  return {.timeout_offset =
              std::chrono::milliseconds(static_cast<int>(options.timeout_offset * 1000))};
}

status::StatusOptions StatusOptionsOf(const Options& options) {
  const auto release = kernel::ReadKernelRelease(kernel::KernelFiles(options.procfs));
  return {.version = std::string(kVersion),
          .telemetry_path = options.telemetry_path,
          .left_out = options.left_out,
          .release = release ? std::optional(*release) : std::nullopt};
}

}  // namespace

Pages::Pages(const Options& options, Scraper& scraper, const web::LiveWebConfig* config)
    : limit_(options.max_requests),
      metrics_(scraper, MakeMetricsPage(options.exporter_metrics, config),
               MetricsOptionsOf(options)) {
  confinement::DoWithout(options.confinement.until_listening,
                         [&] { status_page_.emplace(scraper, StatusOptionsOf(options)); });
  router_.emplace(RoutesOf(options));
}

web::Routes Pages::RoutesOf(const Options& options) {
  web::Routes routes;
  routes.telemetry_path = options.telemetry_path;
  routes.metrics = limit_.Guard([this](const auto& request) { return metrics_.Handle(request); });
  routes.status_page =
      limit_.Guard([this](const auto& request) { return status_page_->Handle(request); });
  routes.not_ready = [any = !options.collectors.empty()] {
    return any ? std::nullopt : std::optional<std::string>("no collector is on");
  };
  return routes;
}

}  // namespace conntrack::exporter
