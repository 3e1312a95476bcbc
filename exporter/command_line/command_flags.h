// The flags of healthcheck, and --output.*
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace conntrack::exporter {

/// What --url and --timeout of healthcheck set.
struct HealthcheckOptions {
  std::string url;     ///< Empty: that of the first listen address.
  double timeout = 3;  ///< Seconds, for all of it.
};

/// What --output.* sets: a file in place of HTTP.
struct OutputOptions {
  std::string textfile;  ///< Empty: HTTP; "-": standard output.
  double interval = 0;   ///< Seconds from one write to the next; 0: one write.
};

/// Each adds its flags, which set `options` when the command line is parsed.
void AddHealthcheckFlags(CLI::App& healthcheck, HealthcheckOptions& options);
void AddOutputFlags(CLI::App& app, OutputOptions& options);

}  // namespace conntrack::exporter
