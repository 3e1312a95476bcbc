#include "exporter/commands/report/flags.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace conntrack::exporter::report {

void ReportFlags::AddTo(CLI::App& command) {
  const auto* group = "Report";
  command.add_option("--format", format_, "text for a person, json for a program")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str()
      ->group(group);
  command.add_option("--top", top_, "Lines of each list: states, sources, destinations, ...")
      ->type_name("N")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--watch", watch_seconds_,
                  "Draw again every so many seconds until Ctrl-C; each draw walks the table")
      ->type_name("SECONDS")
      ->check(CLI::Range(1U, 86400U))
      ->group(group);
}

ReportOptions ReportFlags::options() const {
  ReportOptions options;
  options.format = format_ == "json" ? ReportFormat::kJson : ReportFormat::kText;
  options.top = top_;
  if (watch_seconds_ != 0) options.watch = std::chrono::seconds(watch_seconds_);
  return options;
}

}  // namespace conntrack::exporter::report
