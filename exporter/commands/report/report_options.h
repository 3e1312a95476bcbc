// What the command line sets for `report`.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace conntrack::exporter::report {

enum class ReportFormat { kText, kJson };

struct ReportOptions {
  ReportFormat format = ReportFormat::kText;
  std::size_t top = 5;                        ///< Lines of each list.
  std::optional<std::chrono::seconds> watch;  ///< Draw again so often; absent: once.
};

}  // namespace conntrack::exporter::report
