// conntrack_exporter serve
#pragma once

#include "exporter/command_line/options.h"
#include "exporter/metrics/scraper.h"
#include "exporter/process/service_manager.h"

namespace conntrack::exporter {

/// \brief  Serves metrics until SIGTERM or SIGINT, which must be blocked in the calling thread
/// already. `manager` is told when it serves, that it is alive as long as no collector hangs, and
/// when it stops. Yields the exit code: 0 after a signal, 2 where an address cannot be listened on
/// or the web configuration is wrong.
[[nodiscard]] int Serve(const Options& options, std::vector<NamedCollector> collectors,
                        const ServiceManager& manager);

}  // namespace conntrack::exporter
