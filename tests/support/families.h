// Looking into metric families.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "collectors/collector.h"

namespace conntrack::test {

[[nodiscard]] inline const Family* FindFamily(const std::vector<Family>& families,
                                              std::string_view name) {
  const auto found = std::find_if(families.begin(), families.end(),
                                  [name](const Family& family) { return family.name == name; });
  return found == families.end() ? nullptr : &*found;
}

/// The value of the sample with exactly these labels; nothing where there is none.
[[nodiscard]] inline std::optional<double> ValueOf(const std::vector<Family>& families,
                                                   std::string_view name,
                                                   const std::vector<Label>& labels = {}) {
  const auto* family = FindFamily(families, name);
  if (family == nullptr) return std::nullopt;
  for (const auto& sample : family->samples) {
    if (sample.labels == labels) return sample.value;
  }
  return std::nullopt;
}

/// A scrape that has all the time it needs.
[[nodiscard]] inline ScrapeContext Patient() {
  return {std::chrono::steady_clock::now() + std::chrono::seconds(30)};
}

}  // namespace conntrack::test
