// Options of the command line.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "collectors/catalogue.h"
#include "exporter/commands/advise/options.h"
#include "exporter/commands/report/options.h"
#include "exporter/confinement/confinement.h"
#include "exporter/process/log.h"

namespace conntrack::exporter {

enum class Command { kServe, kCheck, kReport, kAdvise, kHealthcheck };

/// Set by --url and --timeout of healthcheck.
struct HealthcheckOptions {
  std::string url;     ///< Empty: derived from the first listen address.
  double timeout = 3;  ///< Seconds, for the whole check.
};

/// Set by --output.*: a file instead of HTTP.
struct OutputOptions {
  std::string textfile;             ///< Empty: HTTP; "-": standard output.
  double interval = 0;              ///< Seconds between writes; 0: write once.
  std::vector<std::string> labels;  ///< Added to every series: "NAME=VALUE".
};

/// All settings of the command line. The defaults are those of --help.
struct Options {
  Command command = Command::kServe;

  std::vector<std::string> listen_addresses = {":10318"};
  bool systemd_socket = false;  ///< Use the sockets passed by systemd.
  std::string telemetry_path = "/metrics";
  std::string web_config_file;  ///< TLS, users, headers, rate limit; may be empty.
  unsigned max_requests = 40;   ///< Concurrent scrapes; 0: no limit.
  bool exporter_metrics = true;
  double timeout_offset = 0.5;  ///< Subtracted from the scraper's timeout, in seconds.

  std::vector<std::string> collectors;  ///< Enabled, in the order of the catalogue.
  std::vector<std::string> asked_for;   ///< Enabled and named by a flag.
  std::vector<LeftOut> left_out;        ///< Set later: off, cannot be read here.
  CollectorOptions collector_options;
  std::vector<std::string> without_effect;  ///< "--collector.nat.top needs --collector.nat".

  bool sandbox = true;                   ///< False: privileges are kept, nothing is confined.
  confinement::Confinement confinement;  ///< Set later: the outcome.

  advise::AdviseOptions advise;

  HealthcheckOptions healthcheck;
  OutputOptions output;

  std::string procfs = "/proc";
  std::string sysfs = "/sys";
  std::string rootfs = "/";

  report::ReportOptions report;

  log::Level log_level = log::Level::kInfo;
  log::Format log_format = log::Format::kLogfmt;
};

/// The process must exit at once: --help, --version, or an invalid command line.
struct EarlyExit {
  int code = 0;      ///< 0, or 2 for an invalid command line.
  std::string text;  ///< For standard output if code is 0, otherwise standard error.
};

/// \brief  Parses the command line.
/// Errors:  EarlyExit with code 2 names the flag and its valid values; for an unknown flag, it
///          suggests the nearest known one.
[[nodiscard]] std::variant<Options, EarlyExit> ParseOptions(int argc, const char* const* argv);

/// Returns the output of --version.
[[nodiscard]] std::string VersionText();

}  // namespace conntrack::exporter
