// Metric families as text.
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

/// \brief  RenderText() for one scrape after the other: a family that is as it was is not rendered
/// again.
///
/// Most of a scrape is as it was at the last one: timeouts, settings, the flows of a sample that
/// has not been renewed. Comparing costs less than a tenth of rendering.
/// Threads and cost: any number at once. Memory for one copy of each family, and its text.
class TextRenderer {
 public:
  [[nodiscard]] std::string Render(const std::vector<Family>& families);

 private:
  struct Rendered {
    Family family;
    std::string text;
  };

  [[nodiscard]] std::shared_ptr<const Rendered> Get(const Family& family);

  std::mutex mutex_;  // guards the map; what it points to does not change
  std::map<std::string_view, std::shared_ptr<const Rendered>> last_;
};

}  // namespace conntrack::exporter
