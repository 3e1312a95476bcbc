// A cache of rendered families.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/metric.h"

namespace conntrack::exporter {

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
