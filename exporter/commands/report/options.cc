#include "exporter/commands/report/options.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string>

namespace conntrack::exporter::report {

void AddReportFlags(CLI::App& command, ReportOptions& options) {
  command.footer(
      "--collector.workloads adds flows by pod, container and unit;\n"
      "--collector.talkers.pairs adds pairs of source and destination, and backends of DNAT.");
  const auto* group = "Report";
  command
      .add_option_function<std::string>(
          "--format",
          [&options](const std::string& format) {
            options.format = format == "json" ? ReportFormat::kJson : ReportFormat::kText;
          },
          "Output format: text or json")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text")
      ->group(group);
  command
      .add_option("--top", options.top,
                  "Number of lines of each list (states, sources, destinations, ...)")
      ->type_name("N")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str()
      ->group(group);
  auto* from = command.add_option("--from", options.from,
                                  "Show the last hour and day that the exporter at this URL "
                                  "recorded; - reads its /history.json from standard input");
  from->type_name("URL")->group(group);
  from->check([](const std::string& url) {
    return std::string(url.empty() ? "must be a URL, or - for standard input" : "");
  });
  command
      .add_option_function<unsigned>(
          "--watch",
          [&options](unsigned seconds) { options.watch = std::chrono::seconds(seconds); },
          "Refresh every SECONDS until Ctrl-C; each refresh walks the table; not with --from")
      ->type_name("SECONDS")
      ->check(CLI::Range(1U, 86400U))
      ->group(group);
}

}  // namespace conntrack::exporter::report
