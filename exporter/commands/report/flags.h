// The flags of `report`.
#pragma once

#include <string>

#include "exporter/commands/report/report_options.h"

namespace CLI {
class App;
}

namespace conntrack::exporter::report {

/// AddTo() before the command line is parsed, options() after; the object stays where it is
/// between.
class ReportFlags {
 public:
  void AddTo(CLI::App& command);

  [[nodiscard]] ReportOptions options() const;

 private:
  std::string format_ = "text";
  unsigned top_ = 5;
  unsigned watch_seconds_ = 0;
};

}  // namespace conntrack::exporter::report
