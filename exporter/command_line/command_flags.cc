#include "exporter/command_line/command_flags.h"

#include <CLI/App.hpp>

#include "exporter/command_line/number_within.h"

namespace conntrack::exporter {

void AddHealthcheckFlags(CLI::App& healthcheck, HealthcheckOptions& options) {
  healthcheck
      .add_option("--url", options.url,
                  "Whom to ask; without it, the first --web.listen-address on this machine")
      ->type_name("URL");
  healthcheck.add_option("--timeout", options.timeout, "Seconds to wait for the answer")
      ->type_name("SECONDS")
      ->check(NumberWithin(0.01, 600.0))
      ->capture_default_str();
}

void AddOutputFlags(CLI::App& app, OutputOptions& options) {
  const auto* group = "Output";
  auto* textfile = app.add_option("--output.textfile", options.textfile,
                                  "Write the metrics to this file, for the textfile collector of "
                                  "node_exporter, instead of serving them; - is standard output");
  textfile->type_name("PATH.prom")
      ->check([](const std::string& path) {
        return path == "-" || path.ends_with(".prom")
                   ? ""
                   : "must end in .prom: node_exporter reads no other files";
      })
      ->group(group);
  app.add_option("--output.textfile.interval", options.interval,
                 "Seconds from one write to the next; without it, one write and the end")
      ->type_name("SECONDS")
      ->check(NumberWithin(1.0, 86'400.0))
      ->needs(textfile)
      ->group(group);
}

}  // namespace conntrack::exporter
