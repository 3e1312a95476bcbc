// conntrack_exporter serve
#pragma once

#include "exporter/options.h"
#include "exporter/scraper.h"

namespace conntrack::exporter {

/// \brief  Serves metrics until SIGTERM or SIGINT, which must be blocked in the calling thread
/// already. Yields the exit code: 0 after a signal, 2 where an address cannot be listened on
/// or the web configuration is wrong.
[[nodiscard]] int Serve(const Options& options, std::vector<NamedCollector> collectors);

}  // namespace conntrack::exporter
