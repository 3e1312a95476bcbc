// Metric families in the OpenMetrics text format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collectors/metric.h"

namespace conntrack::exporter {

/// \brief  The families in the OpenMetrics text format 1.0.0, in their order, without the line that
/// ends a scrape; families without samples are left out.
///
/// Unlike in the text format 0.0.4, a counter's family is named without the `_total` of its samples,
/// and families in seconds and bytes have a UNIT. Names and types of samples are the same, so that
/// queries work with both: `_info` families stay gauges, and a counter without `_total`, which the
/// format does not have, would be `unknown`.
/// Source:  https://github.com/prometheus/OpenMetrics, specification/OpenMetrics.md, "Text format".
/// Threads and cost: pure; less than what prometheus-cpp takes for the other format.
[[nodiscard]] std::string RenderOpenMetrics(const std::vector<Family>& families);

/// The last line of a scrape; without it, the scrape counts as cut off.
inline constexpr std::string_view kOpenMetricsEnd = "# EOF\n";

}  // namespace conntrack::exporter
