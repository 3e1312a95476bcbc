// Options of `conntrack_exporter report`.
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
  std::size_t top = 5;  ///< Lines per list.
  std::string from;     ///< An exporter's URL, or "-" to read its JSON from standard input.
  std::optional<std::chrono::seconds> watch;  ///< Redraw interval; absent: run once.
};

/// Adds the flags. They set `options` when the command line is parsed.
void AddReportFlags(CLI::App& command, ReportOptions& options);

}  // namespace conntrack::exporter::report
