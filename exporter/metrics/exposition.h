// Metric families as text.
#pragma once

#include <string>
#include <vector>

#include "collectors/metric.h"

namespace conntrack::exporter {

/// \brief  The families in the Prometheus text format 0.0.4, in their order; families without
/// samples are left out. The only place that knows prometheus-cpp.
/// Threads and cost: pure; a third of a microsecond a series.
[[nodiscard]] std::string RenderText(const std::vector<Family>& families);

}  // namespace conntrack::exporter
