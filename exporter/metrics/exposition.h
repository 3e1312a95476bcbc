// Metric families as text. Label values and HELP are made printable (see printable_text.h), so that
// Prometheus accepts the scrape whatever the names of files, processes and kernel objects.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/metric.h"

namespace conntrack::exporter {

/// \brief  Returns the families in the Prometheus text format 0.0.4, in their order. Families
/// without samples are left out. The only user of prometheus-cpp.
/// Threads and cost: pure; about 0.3 us per series.
[[nodiscard]] std::string RenderText(const std::vector<Family>& families);

/// \brief  Returns the families in the OpenMetrics text format 1.0.0, in their order, without the
/// final line of a scrape. Families without samples are left out.
///
/// The family of a counter is named without the `_total` of its samples, and families in seconds
/// and bytes have a UNIT. Names and types of samples are the same as in the text format, so that
/// queries work with both: `_info` families stay gauges, and a counter without `_total`, which
/// OpenMetrics does not have, is `unknown`.
/// Source:  https://github.com/prometheus/OpenMetrics, specification/OpenMetrics.md, "Text format".
/// Threads and cost: pure; less than RenderText().
[[nodiscard]] std::string RenderOpenMetrics(const std::vector<Family>& families);

/// The last line of an OpenMetrics scrape. Without it, the scrape counts as truncated.
inline constexpr std::string_view kOpenMetricsEnd = "# EOF\n";

/// \brief  Renders families in one format; renders a family again only if it has changed.
///
/// Most families are the same as in the previous scrape: timeouts, settings, flows of the same
/// sample. Comparing costs less than a tenth of rendering.
/// Threads and cost: any number of threads. Memory for one copy of each family and its text.
class FamilyRenderer {
 public:
  using RenderFamilies = std::string (*)(const std::vector<Family>&);

  /// For several families, `render` must return the concatenation of what it returns for each.
  explicit FamilyRenderer(RenderFamilies render) : render_(render) {}

  [[nodiscard]] std::string Render(const std::vector<Family>& families);

 private:
  struct Rendered {
    Family family;
    std::string text;
  };

  [[nodiscard]] std::shared_ptr<const Rendered> Get(const Family& family);

  const RenderFamilies render_;
  std::mutex mutex_;  // guards the map; the values are immutable
  std::map<std::string_view, std::shared_ptr<const Rendered>> last_;
};

}  // namespace conntrack::exporter
