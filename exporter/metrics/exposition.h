// Metric families as text. Label values and HELP are made printable (see printable_text.h), so that
// whatever a kernel, a file or a process is called, Prometheus takes the scrape.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/metric.h"

namespace conntrack::exporter {

/// \brief  The families in the Prometheus text format 0.0.4, in their order; families without
/// samples are left out. The only place that knows prometheus-cpp.
/// Threads and cost: pure; a third of a microsecond a series.
[[nodiscard]] std::string RenderText(const std::vector<Family>& families);

/// \brief  The families in the OpenMetrics text format 1.0.0, in their order, without the line that
/// ends a scrape; families without samples are left out.
///
/// Here a counter's family is named without the `_total` of its samples, and families in seconds
/// and bytes have a UNIT. Names and types of samples are those of the text format, so that queries
/// work with both: `_info` families stay gauges, and a counter without `_total`, which OpenMetrics
/// does not have, is `unknown`.
/// Source:  https://github.com/prometheus/OpenMetrics, specification/OpenMetrics.md, "Text format".
/// Threads and cost: pure; less than RenderText().
[[nodiscard]] std::string RenderOpenMetrics(const std::vector<Family>& families);

/// The last line of an OpenMetrics scrape; without it, the scrape counts as cut off.
inline constexpr std::string_view kOpenMetricsEnd = "# EOF\n";

/// \brief  Renders families in one format, and a family again only once it has changed.
///
/// Most families are the same as at the last scrape: timeouts, settings, flows of the same sample.
/// Comparing costs less than a tenth of rendering.
/// Threads and cost: any number at once. Memory for one copy of each family, and its text.
class FamilyRenderer {
 public:
  using RenderFamilies = std::string (*)(const std::vector<Family>&);

  /// `render` yields for several families what it yields for each of them, in their order.
  explicit FamilyRenderer(RenderFamilies render) : render_(render) {}

  [[nodiscard]] std::string Render(const std::vector<Family>& families);

 private:
  struct Rendered {
    Family family;
    std::string text;
  };

  [[nodiscard]] std::shared_ptr<const Rendered> Get(const Family& family);

  const RenderFamilies render_;
  std::mutex mutex_;  // guards the map; what it points to does not change
  std::map<std::string_view, std::shared_ptr<const Rendered>> last_;
};

}  // namespace conntrack::exporter
