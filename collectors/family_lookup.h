// Finding one's way in the families of a scrape.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "collectors/metric.h"

namespace conntrack {

/// Null where there is none of that name.
[[nodiscard]] inline const Family* FamilyNamed(const std::vector<Family>& families,
                                               std::string_view name) {
  const auto found = std::find_if(families.begin(), families.end(),
                                  [name](const Family& family) { return family.name == name; });
  return found == families.end() ? nullptr : &*found;
}

/// The value of a label; empty where the sample does not have it.
[[nodiscard]] inline std::string_view LabelOf(const Sample& sample, std::string_view name) {
  for (const auto& label : sample.labels) {
    if (label.name == name) return label.value;
  }
  return {};
}

/// Of a count that was a whole number before it became a metric.
[[nodiscard]] inline std::uint64_t Whole(double value) {
  return value > 0 ? static_cast<std::uint64_t>(value) : 0;
}

}  // namespace conntrack
