#include "exporter/commands/pages.h"

#include <memory>
#include <string>
#include <vector>

#include "collectors/recent.h"
#include "exporter/confinement/capabilities.h"
#include "exporter/metrics/exposition.h"
#include "exporter/metrics/family_renderer.h"
#include "exporter/metrics/openmetrics.h"
#include "exporter/metrics/process_metrics.h"
#include "exporter/version.h"

namespace conntrack::exporter {
namespace {

// Renders a scrape, with the exporter's own process and web configuration where these are wanted. A
// family whose samples have not changed since the last scrape is not rendered again, for each
// format apart.
web::MetricsHandler::Render MakeRenderer(bool with_exporter_metrics,
                                         const web::ReloadingWebConfig* config) {
  struct State {
    FamilyRenderer text{RenderText};
    FamilyRenderer open_metrics{RenderOpenMetrics};
    Recent<std::vector<Family>> process;
  };
  return [with_exporter_metrics, config, state = std::make_shared<State>()](
             const std::vector<Family>& families, web::MetricsFormat format) {
    const bool open_metrics = format != web::MetricsFormat::kText;
    auto& renderer = open_metrics ? state->open_metrics : state->text;
    auto body = renderer.Render(families);
    if (with_exporter_metrics) {
      if (config != nullptr) body += renderer.Render(config->Metrics());
      // The exporter's own process, whatever --path.procfs shows.
      body += renderer.Render(
          state->process.Get([] { return ProcessFamilies(kernel::KernelFiles("/proc")); }));
    }
    if (open_metrics) body += kOpenMetricsEnd;
    return body;
  };
}

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

Pages::Pages(const Options& options, Scraper& scraper, const web::ReloadingWebConfig* config)
    : limit_(options.max_requests),
      metrics_(scraper, MakeRenderer(options.exporter_metrics, config), MetricsOptionsOf(options)) {
  confinement::DoWithout(options.confinement.until_listening,
                         [&] { status_page_.emplace(scraper, StatusOptionsOf(options)); });
  routes_.telemetry_path = options.telemetry_path;
  routes_.metrics = limit_.Guard([this](const auto& request) { return metrics_.Handle(request); });
  routes_.status_page =
      limit_.Guard([this](const auto& request) { return status_page_->Handle(request); });
  routes_.not_ready = [any = !options.collectors.empty()] {
    return any ? std::nullopt : std::optional<std::string>("no collector is on");
  };
}

}  // namespace conntrack::exporter
