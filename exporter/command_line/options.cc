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
  auto* listen_address = app.add_option("--web.listen-address", options.listen_addresses,
                                        "Address to listen on; repeatable. :PORT is all IPv4 and "
                                        "IPv6 addresses; [::1]:PORT is an IPv6 address")
                             ->type_name("[HOST]:PORT")
                             ->allow_extra_args(false)
                             ->capture_default_str()
                             ->group(group);
  app.add_flag(
         "--web.systemd-socket", options.systemd_socket,
         "Use the sockets that systemd passes (socket activation) instead of --web.listen-address")
      ->excludes(listen_address)
      ->group(group);
  app.add_option("--web.config.file", options.web_config_file,
                 "File with TLS, users, headers and rate limit, in the format of Prometheus's "
                 "exporter-toolkit")
      ->type_name("FILE")
      ->check(TrustedCaller())
      ->group(group);
  app.add_option("--web.telemetry-path", options.telemetry_path,
                 "Path under which to expose metrics")
      ->type_name("PATH")
      ->check([](const std::string& path) {
        const bool taken = path == "/" || path == "/history.json" || path.starts_with("/-/");
        return path.starts_with('/') && !taken && path.find_first_of(" ?#") == std::string::npos
                   ? ""
                   : "must begin with /, must not contain a space, ? or #, and must not be /, "
                     "/history.json or below /-/";
      })
      ->capture_default_str()
      ->group(group);
  app.add_option("--web.max-requests", options.max_requests,
                 "Maximum number of concurrent scrapes; more are answered with 503. 0 is no limit")
      ->type_name("N")
      ->check(CLI::Range(0U, 1000U))
      ->capture_default_str()
      ->group(group);
  app.add_option("--web.timeout-offset", options.timeout_offset,
                 "Seconds to subtract from the timeout that Prometheus sends")
      ->type_name("SECONDS")
      ->check(NumberWithin(0.0, 60.0))
      ->capture_default_str()
      ->group(group);
  app.add_flag_callback(
         "--web.disable-exporter-metrics", [&options] { options.exporter_metrics = false; },
         "Exclude metrics about the exporter itself (process_*)")
      ->group(group);
}

void AddHealthcheckFlags(CLI::App& healthcheck, HealthcheckOptions& options) {
  healthcheck
      .add_option("--url", options.url,
                  "URL of the exporter; the default is the first --web.listen-address on this host")
      ->type_name("URL");
  healthcheck.add_option("--timeout", options.timeout, "Seconds to wait for an answer")
      ->type_name("SECONDS")
      ->check(NumberWithin(0.01, 600.0))
      ->capture_default_str();
}

/// Returns why "NAME=VALUE" is invalid as a label; empty if it is valid.
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
                                  "Write metrics to this file for the textfile collector of "
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
                 "Seconds between writes; without this flag, write once and exit")
      ->type_name("SECONDS")
      ->check(NumberWithin(1.0, 86'400.0))
      ->needs(textfile)
      ->group(group);
  app.add_option("--output.textfile.label", options.labels,
                 "Label to add to every series in the file; repeatable. Use different labels for "
                 "different network namespaces, such as netns=blue")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->check(&LabelComplaint)
      ->group(group);
}

void AddOtherFlags(CLI::App& app, Options& options) {
  app.add_option("--path.procfs", options.procfs, "Mount point of procfs")
      ->check(TrustedCaller())
      ->check(CLI::ExistingDirectory)
      ->capture_default_str()
      ->group("Paths");
  app.add_option("--path.sysfs", options.sysfs, "Mount point of sysfs")
      ->check(TrustedCaller())
      ->check(CLI::ExistingDirectory)
      ->capture_default_str()
      ->group("Paths");
  app.add_option("--path.rootfs", options.rootfs,
                 "Mount point of the host's root file system, with /etc, /usr/lib and /run")
      ->check(TrustedCaller())
      ->check(CLI::ExistingDirectory)
      ->capture_default_str()
      ->group("Paths");
  app.add_flag_callback(
         "--no-sandbox", [&options] { options.sandbox = false; },
         "Keep all privileges and do not restrict files and system calls. Only for debugging")
      ->check(TrustedCaller())
      ->group("Privileges");
  app.add_option_function<std::string>(
         "--log.level",
         [&options](const std::string& level) { options.log_level = kLevels.at(level); },
         "Only log messages with this severity or above: debug, info, warn, error")
      ->type_name("LEVEL")
      ->check(CLI::IsMember(kLevels))
      ->default_str("info")
      ->group("Log");
  app.add_option_function<std::string>(
         "--log.format",
         [&options](const std::string& format) { options.log_format = kFormats.at(format); },
         "Output format of log messages: logfmt, json")
      ->type_name("FORMAT")
      ->check(CLI::IsMember(kFormats))
      ->default_str("logfmt")
      ->group("Log");
}

/// Returns why flags that are valid on their own conflict; empty if they do not.
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

/// Sub-commands accept the flags of the program, before or after their name.
void AddCommands(CLI::App& app, Options& options) {
  app.require_subcommand(0, 1);
  const auto add = [&app, &options](const char* name, const char* help, Command command) {
    auto* sub = app.add_subcommand(name, help);
    sub->fallthrough();
    sub->set_help_flag();
    sub->callback([&options, command] { options.command = command; });
    return sub;
  };
  add("serve", "Serve metrics over HTTP (the default)", Command::kServe);
  add("check", "Show what can and cannot be read here, why, and how to fix it", Command::kCheck);
  report::AddReportFlags(
      *add("report", "Show the state of the table and diagnose problems", Command::kReport),
      options.report);
  advise::AddAdviseFlags(*add("advise",
                              "Recommend limit, buckets and timeouts for this host, with reasons "
                              "and configuration files",
                              Command::kAdvise),
                         options.advise);
  AddHealthcheckFlags(
      *add("healthcheck", "Check that the exporter on this host is healthy", Command::kHealthcheck),
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

/// Returns the Levenshtein distance.
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

/// Returns the word in `known` with the smallest distance to `word`; empty if none is close.
std::string Nearest(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t kLongest = 100;  // too long for a typing error
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

/// Returns the help of the program, or of a command that has flags of its own.
std::string HelpText(const CLI::App& app) {
  const auto formatter = app.get_formatter();
  for (const auto* command : app.get_subcommands()) {
    if (command->get_options().empty()) continue;
    return formatter->make_help(command, app.get_name() + " " + command->get_name(),
                                CLI::AppFormatMode::Normal) +
           "\nFlags of every command: " + app.get_name() + " --help\n";
  }
  return formatter->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal);
}

EarlyExit WrongCommandLine(const std::string& what) {
  return {kWrongCommandLine, "conntrack_exporter: " + what + "\nTry conntrack_exporter --help.\n"};
}

EarlyExit UnknownWord(const CLI::App& app) {
  const auto unknown = app.remaining(true);
  auto word = unknown.empty() ? std::string() : unknown.front();
  if (word.empty()) return WrongCommandLine("empty argument, or = after a flag without a value");
  const bool flag = word.starts_with('-');
  if (flag) word.resize(std::min(word.find('='), word.size()));
  const auto nearest = Nearest(word, KnownWords(app));
  const std::string kind = flag ? "flag" : "command";
  if (nearest == word) {
    return WrongCommandLine(kind + " " + word +
                            " is in the wrong place: give one command, and its flags after it");
  }
  return WrongCommandLine("unknown " + kind + " " + word +
                          (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
}

/// Returns the arguments as App::parse() takes them, the last one first. CLI11 would take the argument
/// after `--flag=` as the value, so the value becomes an empty argument.
std::vector<std::string> Reversed(int argc, const char* const* argv) {
  std::vector<std::string> reversed;
  for (int i = argc - 1; i > 0; --i) {
    std::string_view argument = argv[i];
    if (argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
      reversed.emplace_back();
      argument.remove_suffix(1);
    }
    reversed.emplace_back(argument);
  }
  return reversed;
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
    app.parse(Reversed(argc, argv));
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
