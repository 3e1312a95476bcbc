// The command line.
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

/// What --url and --timeout of healthcheck set.
struct HealthcheckOptions {
  std::string url;     ///< Empty: that of the first listen address.
  double timeout = 3;  ///< Seconds, for all of it.
};

/// What --output.* sets: a file in place of HTTP.
struct OutputOptions {
  std::string textfile;             ///< Empty: HTTP; "-": standard output.
  double interval = 0;              ///< Seconds from one write to the next; 0: one write.
  std::vector<std::string> labels;  ///< Of every series: "NAME=VALUE".
};

/// Everything that the command line sets. The defaults are those of --help.
struct Options {
  Command command = Command::kServe;

  std::vector<std::string> listen_addresses = {":10318"};
  bool systemd_socket = false;  ///< Serve the sockets that systemd passes instead.
  std::string telemetry_path = "/metrics";
  std::string web_config_file;  ///< TLS, users, headers, rate limit; empty: none of them.
  unsigned max_requests = 40;   ///< Scrapes at once; 0 means no limit.
  bool exporter_metrics = true;
  double timeout_offset = 0.5;  ///< Seconds taken off the scraper's timeout, to answer before it.

  std::vector<std::string>
      collectors;  ///< Names of those that are on, in the order of the catalogue.
  std::vector<std::string> asked_for;  ///< Those of them that a flag names.
  std::vector<LeftOut> left_out;       ///< Not set here: off because they cannot be read.
  CollectorOptions collector_options;
  std::vector<std::string> without_effect;  ///< "--collector.nat.top needs --collector.nat".

  bool sandbox = true;                   ///< False: no privilege is given up, nothing is confined.
  confinement::Confinement confinement;  ///< Not set here: what has become of it.

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

/// The process is to end before it has begun: --help, --version, or a wrong command line.
struct EarlyExit {
  int code = 0;      ///< 0, or 2 where the command line is wrong.
  std::string text;  ///< For standard output where code is 0, for standard error otherwise.
};

/// \brief  Reads the command line.
/// Errors:  EarlyExit with code 2 names the flag and what it takes; an unknown flag is answered
///          with the nearest known one.
[[nodiscard]] std::variant<Options, EarlyExit> ParseOptions(int argc, const char* const* argv);

/// The lines that --version prints.
[[nodiscard]] std::string VersionText();

}  // namespace conntrack::exporter
