// What the command line sets for `conntrack_exporter report`.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace conntrack::exporter::report {

enum class ReportFormat { kText, kJson };

struct ReportOptions {
  ReportFormat format = ReportFormat::kText;
  std::size_t top = 5;  ///< Lines of each list.
  std::string
      from;  ///< Not of this host: an exporter's URL, or "-" for its JSON on standard input.
  std::optional<std::chrono::seconds> watch;  ///< Draw again so often; absent: once.
};

/// Adds the flags, which set `options` when the command line is parsed.
void AddReportFlags(CLI::App& command, ReportOptions& options);

}  // namespace conntrack::exporter::report
