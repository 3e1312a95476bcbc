#include "exporter/command_line/options.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "exporter/command_line/collector_flags.h"
#include "exporter/command_line/number_within.h"
#include "exporter/command_line/trusted_caller.h"
#include "exporter/process/printable_text.h"
#include "exporter/version.h"
#include "exporter/web/server/features.h"

namespace conntrack::exporter {
namespace {

constexpr int kWrongCommandLine = 2;

const std::map<std::string, log::Level> kLevels = {{"debug", log::Level::kDebug},
                                                   {"info", log::Level::kInfo},
                                                   {"warn", log::Level::kWarn},
                                                   {"error", log::Level::kError}};
const std::map<std::string, log::Format> kFormats = {{"logfmt", log::Format::kLogfmt},
                                                     {"json", log::Format::kJson}};

void AddWebFlags(CLI::App& app, Options& options) {
  const auto* group = "Web";
  auto* listen_address =
      app.add_option("--web.listen-address", options.listen_addresses,
                     "Address to listen on; may be given several times. :PORT is every address, "
                     "IPv4 and IPv6; [::1]:PORT is an IPv6 address")
          ->type_name("[HOST]:PORT")
          ->allow_extra_args(false)
          ->capture_default_str()
          ->group(group);
  app.add_flag("--web.systemd-socket", options.systemd_socket,
               "Serve the sockets that systemd passes (a .socket unit) instead of listening")
      ->excludes(listen_address)
      ->group(group);
  app.add_option(
         "--web.config.file", options.web_config_file,
         "TLS, users, headers and rate limit, in the format of Prometheus's exporter-toolkit")
      ->type_name("FILE")
      ->check(TrustedCaller())
      ->group(group);
  app.add_option("--web.telemetry-path", options.telemetry_path, "Path of the metrics")
      ->type_name("PATH")
      ->check([](const std::string& path) {
        return path.starts_with('/') && path != "/" ? "" : "must begin with / and be longer";
      })
      ->capture_default_str()
      ->group(group);
  app.add_option("--web.max-requests", options.max_requests,
                 "Most scrapes at once, 503 above it; 0 for no limit")
      ->type_name("N")
      ->check(CLI::Range(0U, 1000U))
      ->capture_default_str()
      ->group(group);
  app.add_option("--web.timeout-offset", options.timeout_offset,
                 "Seconds to take off the scraper's timeout, to answer before it")
      ->type_name("SECONDS")
      ->check(NumberWithin(0.0, 60.0))
      ->capture_default_str()
      ->group(group);
  app.add_flag_callback(
         "--web.disable-exporter-metrics", [&options] { options.exporter_metrics = false; },
         "Leave out the exporter's own metrics (process_*)")
      ->group(group);
}

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

/// What is wrong with "NAME=VALUE" as a label; empty if it is valid.
std::string LabelComplaint(std::string_view label) {
  const auto name = label.substr(0, label.find('='));
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const bool valid =
      !name.empty() && is_letter(name.front()) &&
      std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
  if (name.size() + 1 >= label.size()) return "must be NAME=VALUE, with a name and a value";
  if (!valid) return "the name must match [a-zA-Z_][a-zA-Z0-9_]*";
  if (name.starts_with("__") || name == "le") return "the name is reserved by Prometheus";
  if (PrintableText(label) != label) return "the value must be printable UTF-8";
  return "";
}

void AddOutputFlags(CLI::App& app, OutputOptions& options) {
  const auto* group = "Output";
  auto* textfile = app.add_option("--output.textfile", options.textfile,
                                  "Write the metrics to this file, for the textfile collector of "
                                  "node_exporter, instead of serving them; - is standard output");
  textfile->type_name("PATH.prom")
      ->check(TrustedCaller())
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
  app.add_option(
         "--output.textfile.label", options.labels,
         "Label to add to every series of the file; may be given several times. Give the file of "
         "each network namespace its own, as netns=blue")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->check(&LabelComplaint)
      ->group(group);
}

void AddOtherFlags(CLI::App& app, Options& options) {
  app.add_option("--path.procfs", options.procfs, "Where procfs is mounted")
      ->check(TrustedCaller())
      ->check(CLI::ExistingDirectory)
      ->capture_default_str()
      ->group("Paths");
  app.add_option("--path.sysfs", options.sysfs, "Where sysfs is mounted")
      ->check(TrustedCaller())
      ->check(CLI::ExistingDirectory)
      ->capture_default_str()
      ->group("Paths");
  app.add_option("--path.rootfs", options.rootfs,
                 "Where the file system of the host is mounted: its /etc, /usr/lib, /run")
      ->check(TrustedCaller())
      ->check(CLI::ExistingDirectory)
      ->capture_default_str()
      ->group("Paths");
  app.add_flag_callback(
         "--no-sandbox", [&options] { options.sandbox = false; },
         "Keep all privileges, and do not confine files and system calls: for finding out "
         "whether that is in the way")
      ->check(TrustedCaller())
      ->group("Privileges");
  app.add_option_function<std::string>(
         "--log.level",
         [&options](const std::string& level) { options.log_level = kLevels.at(level); },
         "Least severity to log: debug, info, warn, error")
      ->type_name("LEVEL")
      ->check(CLI::IsMember(kLevels))
      ->default_str("info")
      ->group("Log");
  app.add_option_function<std::string>(
         "--log.format",
         [&options](const std::string& format) { options.log_format = kFormats.at(format); },
         "Format of the log: logfmt, json")
      ->type_name("FORMAT")
      ->check(CLI::IsMember(kFormats))
      ->default_str("logfmt")
      ->group("Log");
}

/// What is wrong with flags that are right each by itself; empty where nothing is.
std::string Complaint(const Options& options) {
  if (options.report.watch && !options.report.from.empty()) {
    return "--watch: not with --from, which shows the last day as the exporter has kept it; to "
           "draw it again, run watch -n 60 conntrack_exporter report --from URL";
  }
  if (options.output.textfile.empty()) {
    if (options.output.labels.empty()) return "";
    return "--output.textfile.label: needs --output.textfile; Prometheus sets the labels of what "
           "it scrapes (labels: in static_configs)";
  }
  std::set<std::string_view> names;
  for (const std::string_view label : options.output.labels) {
    const auto name = label.substr(0, label.find('='));
    if (!names.insert(name).second) {
      return "--output.textfile.label: " + std::string(name) + " is given twice";
    }
  }
  if (options.command != Command::kServe) {
    return "--output.textfile: writes what would be served, and goes with no other command";
  }
  if (options.output.textfile == "-" && options.output.interval > 0) {
    return "--output.textfile.interval: standard output is written to once";
  }
  return "";
}

/// Sub-commands take the flags of the program, before or behind their name.
void AddCommands(CLI::App& app, Options& options) {
  app.require_subcommand(0, 1);
  const auto add = [&app, &options](const char* name, const char* help, Command command) {
    auto* sub = app.add_subcommand(name, help);
    sub->fallthrough();
    sub->set_help_flag();
    sub->callback([&options, command] { options.command = command; });
    return sub;
  };
  add("serve", "Serve the metrics over HTTP (what happens without a command)", Command::kServe);
  add("check", "Tell what can be read here, what cannot, why, and what to do about it",
      Command::kCheck);
  report::AddReportFlags(
      *add("report", "Print what is going on in the table, and what is wrong with it",
           Command::kReport),
      options.report);
  advise::AddAdviseFlags(*add("advise",
                              "Tell what to set for this machine and why: limit, buckets, "
                              "timeouts, and the files to put them in",
                              Command::kAdvise),
                         options.advise);
  AddHealthcheckFlags(*add("healthcheck", "Ask the exporter that runs here whether it is well",
                           Command::kHealthcheck),
                      options.healthcheck);
}

std::vector<std::string> KnownWords(const CLI::App& app) {
  std::vector<std::string> words;
  const auto add_flags = [&words](const CLI::App& of) {
    for (const auto* option : of.get_options()) {
      for (const auto& name : option->get_lnames()) words.push_back("--" + name);
      for (const auto& name : option->get_fnames()) words.push_back("--" + name);
    }
  };
  add_flags(app);
  for (const auto* command : app.get_subcommands()) add_flags(*command);
  for (const auto* command : app.get_subcommands({})) words.push_back(command->get_name());
  return words;
}

/// Insertions, deletions and replacements of a character that lead from `a` to `b` (Levenshtein).
std::size_t Edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

/// The word of `known` that takes the fewest edits to make from `word`; empty where none is near
/// enough to be meant.
std::string Nearest(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t kLongest = 100;  // nothing this long is a slip of the finger
  if (word.size() > kLongest) return {};
  std::string nearest;
  std::size_t fewest = std::max<std::size_t>(2, word.size() / 4) + 1;
  for (const auto& candidate : known) {
    const auto edits = Edits(word, candidate);
    if (edits < fewest) {
      fewest = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

/// The help of the program, or of a command that has flags of its own.
std::string HelpText(const CLI::App& app) {
  const auto formatter = app.get_formatter();
  for (const auto* command : app.get_subcommands()) {
    if (command->get_options().empty()) continue;
    return formatter->make_help(command, app.get_name() + " " + command->get_name(),
                                CLI::AppFormatMode::Normal) +
           "\nFlags that every command takes: " + app.get_name() + " --help\n";
  }
  return formatter->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal);
}

EarlyExit WrongCommandLine(const std::string& what) {
  return {kWrongCommandLine, "conntrack_exporter: " + what + "\nTry conntrack_exporter --help.\n"};
}

EarlyExit UnknownWord(const CLI::App& app) {
  const auto unknown = app.remaining(true);
  auto word = unknown.empty() ? std::string() : unknown.front();
  const bool flag = word.starts_with('-');
  if (flag) word.resize(std::min(word.find('='), word.size()));
  const auto nearest = Nearest(word, KnownWords(app));
  const std::string kind = flag ? "flag" : "command";
  if (!word.empty() && nearest == word) {
    return WrongCommandLine(kind + " " + word +
                            " is in the wrong place: give one command, and its flags after it");
  }
  return WrongCommandLine("unknown " + kind + " " + word +
                          (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
}

}  // namespace

std::string VersionText() {
  const auto line = [](std::string_view key, std::string_view value) {
    return "  " + std::string(key) + std::string(value) + "\n";
  };
  return "conntrack_exporter, version " + std::string(kVersion) +
         " (revision: " + std::string(kRevision) + ")\n" + line("compiler:  ", kCompiler) +
         line("platform:  linux/", kArchitecture) + line("features:  ", web::Features()) +
         line("libraries: ", kLibraries);
}

std::variant<Options, EarlyExit> ParseOptions(int argc, const char* const* argv) {
  Options options;
  CollectorFlags collectors;
  CLI::App app(
      "Prometheus exporter for the Linux connection tracking table. Reads only; never changes the "
      "kernel.",
      "conntrack_exporter");
  app.set_version_flag("--version", VersionText);
  AddCommands(app, options);
  AddWebFlags(app, options);
  AddOutputFlags(app, options.output);
  collectors.AddTo(app);
  AddOtherFlags(app, options);
  // CLI11 silently drops a command after it.
  if (std::find(argv, argv + argc, std::string_view("--")) != argv + argc) {
    return WrongCommandLine("unknown flag --");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return EarlyExit{0, HelpText(app)};
  } catch (const CLI::CallForVersion&) {
    return EarlyExit{0, VersionText()};
  } catch (const CLI::ExtrasError&) {
    return UnknownWord(app);
  } catch (const CLI::ParseError& error) {
    return WrongCommandLine(error.what());
  }
  if (const auto complaint = Complaint(options); !complaint.empty()) {
    return WrongCommandLine(complaint);
  }
  options.collectors = collectors.Enabled();
  options.asked_for = collectors.AskedFor();
  options.without_effect = collectors.WithoutEffect();
  options.collector_options = collectors.options();
  return options;
}

}  // namespace conntrack::exporter
