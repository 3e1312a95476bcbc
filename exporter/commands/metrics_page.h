// The text of a scrape.
#pragma once

#include "exporter/web/config/live_web_config.h"
#include "exporter/web/pages/metrics_handler.h"

namespace conntrack::exporter {

/// \brief  What turns families into the text that was asked for, with the exporter's own process
/// and its web configuration added where `with_exporter_metrics`.
///
/// A family whose samples have not changed since the last scrape is not rendered again, for each
/// format apart. `config` may be null, and must outlive what is returned.
[[nodiscard]] web::MetricsHandler::Render MakeMetricsPage(bool with_exporter_metrics,
                                                          const web::LiveWebConfig* config);

}  // namespace conntrack::exporter
