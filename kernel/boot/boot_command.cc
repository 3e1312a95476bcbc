#include "kernel/boot/boot_command.h"

#include <regex.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

using Words = std::vector<std::string>;
constexpr std::string_view kCommandLineOptions = "$CMDLINE_OPTS";  // modprobe sets it

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

/// Splits shell text into commands and words; std::nullopt if a shell would do more with it.
std::optional<std::vector<Words>> SplitCommands(std::string_view text) {
  constexpr std::string_view kShell = "$`\\|<>()*?[~#!\n";
  std::vector<Words> commands(1);
  std::optional<std::string> word;
  char quote = '\0';
  const auto end_word = [&] {
    if (word) commands.back().push_back(*std::exchange(word, std::nullopt));
  };
  while (!text.empty()) {
    if (quote != '\'' && TakePrefix(text, kCommandLineOptions)) continue;
    const char c = text.front();
    text.remove_prefix(1);
    if (quote != '\'' && kShell.find(c) != std::string_view::npos) return std::nullopt;
    if (c == quote) {
      quote = '\0';
    } else if (quote != '\0') {
      *word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      word = word.value_or("");
    } else if (c == ' ' || c == '\t') {
      end_word();
    } else if (c == ';' || c == '&') {
      if (c == '&' && !TakePrefix(text, "&")) return std::nullopt;
      end_word();
      commands.emplace_back();
    } else {
      word = word.value_or("") + c;
    }
  }
  end_word();
  return quote == '\0' ? std::optional(std::move(commands)) : std::nullopt;
}

/// Returns the value in "NAME=value" or "NAME value", and moves `at` to it.
std::optional<std::string> ValueOf(const Words& words, std::size_t& at, std::string_view name) {
  std::string_view word = words[at];
  if (word == name && at + 1 < words.size()) return words[++at];
  if (!TakePrefix(word, name) || !TakePrefix(word, "=")) return std::nullopt;
  return std::string(word);
}

bool TakeSystemdSysctl(const Words& words, BootCommand& command) {
  SysctlCall call{.all_files = true};
  for (std::size_t at = 1; at < words.size(); ++at) {
    if (const auto prefix = ValueOf(words, at, "--prefix")) {
      std::string_view below = *prefix;
      (void)TakePrefix(below, "/proc/sys");
      call.prefixes.push_back(NormalizeSysctlKey(below));
    } else if (words[at].starts_with('-')) {
      if (words[at] != "--strict") return false;
    } else {
      call.files.push_back(words[at]);
      call.all_files = false;
    }
  }
  command.calls.push_back(std::move(call));
  return true;
}

bool TakeProcpsSysctl(const Words& words, BootCommand& command) {
  SysctlCall call;
  bool load = false;
  for (std::size_t at = 1; at < words.size(); ++at) {
    const auto& word = words[at];
    if (word == "--system") {
      call.all_files = call.sysctl_conf = true;
    } else if (auto pattern = ValueOf(words, at, "--pattern")) {
      call.pattern = std::move(*pattern);
    } else if (word == "-p") {
      load = true;
    } else if (word.starts_with('-')) {
      // These options only change the output, or what counts as a failure.
      const bool known = word.find_first_not_of("-wqeinN") == std::string::npos ||
                         IsOneOf(word, {"--write", "--quiet", "--ignore"});
      if (!known) return false;
    } else if (!load && word.find('=') != std::string::npos) {
      call.assignments.push_back(word);
    } else {
      call.files.push_back(word);
    }
  }
  if (call.all_files || !load) call.files.clear();
  call.sysctl_conf = call.sysctl_conf || (load && call.files.empty());
  command.calls.push_back(std::move(call));
  return true;
}

bool TakeModprobe(const Words& words, BootCommand& command) {
  command.loads = true;
  std::ranges::copy_if(words, std::back_inserter(command.options), [](const auto& word) {
    return word.find('=') != std::string::npos && !word.starts_with('-');
  });
  return true;
}

bool TakeCommands(std::string_view text, BootCommand& command);

bool TakeCommand(const Words& words, BootCommand& command) {
  if (words.empty()) return true;
  const auto program = BaseName(words[0]);
  if (program == "systemd-sysctl") return TakeSystemdSysctl(words, command);
  if (program == "sysctl") return TakeProcpsSysctl(words, command);
  if (program == "modprobe") return TakeModprobe(words, command);
  if (IsOneOf(program, {"sh", "bash", "dash"})) {
    return words.size() == 3 && words[1] == "-c" && TakeCommands(words[2], command);
  }
  return IsOneOf(program, {"true", "false", ":", "echo", "logger", "sleep"});
}

bool TakeCommands(std::string_view text, BootCommand& command) {
  const auto commands = SplitCommands(text);
  if (!commands) return false;
  return std::ranges::all_of(*commands,
                             [&](const Words& words) { return TakeCommand(words, command); });
}

/// Returns false for an invalid regular expression: procps sets nothing then.
bool MatchesExpression(const std::string& pattern, const std::string& text) {
  regex_t expression;
  if (::regcomp(&expression, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
  const bool matches = ::regexec(&expression, text.c_str(), 0, nullptr, 0) == 0;
  ::regfree(&expression);
  return matches;
}

bool IsOfConntrack(std::string_view key) { return key.find("conntrack") != std::string_view::npos; }

}  // namespace

BootCommand ParseBootCommand(std::string_view text) {
  BootCommand command;
  command.understood = TakeCommands(text, command);
  return command;
}

SysctlFilter SysctlCall::Filter() const {
  return [call = *this](std::string_view written, const std::string& key) {
    // systemd expands globs before it compares.
    const bool is_glob = key.find_first_of("*?[") != std::string::npos;
    return (is_glob || IsBelowOne(call.prefixes, key)) &&
           (call.pattern.empty() || MatchesExpression(call.pattern, std::string(written)));
  };
}

bool SysctlCall::MaySetConntrack() const {
  if (std::ranges::any_of(assignments, IsOfConntrack)) return true;
  if (!all_files && !sysctl_conf && files.empty()) return false;
  return prefixes.empty() || std::ranges::any_of(prefixes, [](const auto& prefix) {
           return IsOfConntrack(prefix) || IsBelowOne({prefix}, "net/netfilter/x") ||
                  IsBelowOne({prefix}, "net/ipv4/netfilter/x");
         });
}

}  // namespace conntrack::kernel
