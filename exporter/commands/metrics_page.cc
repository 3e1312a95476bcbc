#include "exporter/commands/metrics_page.h"

#include <memory>
#include <vector>

#include "collectors/cached.h"
#include "exporter/metrics/exposition.h"
#include "exporter/metrics/family_renderer.h"
#include "exporter/metrics/openmetrics.h"
#include "exporter/metrics/process_metrics.h"

namespace conntrack::exporter {

web::MetricsHandler::Render MakeMetricsPage(bool with_exporter_metrics,
                                            const web::LiveWebConfig* config) {
  struct State {
    FamilyRenderer text{RenderText};
    FamilyRenderer open_metrics{RenderOpenMetrics};
    Cached<std::vector<Family>> process;
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

}  // namespace conntrack::exporter
