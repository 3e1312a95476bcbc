#include "kernel/boot/sysctl_command.h"

#include <algorithm>

#include "kernel/boot/sysctl_file.h"
#include "kernel/proc/parse_number.h"

namespace conntrack::kernel {
namespace {

bool IsBelow(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) &&
         (path.size() == folder.size() || folder.empty() || path[folder.size()] == '/');
}

std::string_view BaseName(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string Prefix(std::string_view text) {
  auto prefix = NormalizeSysctlKey(text);
  if (prefix.starts_with("proc/sys")) prefix = NormalizeSysctlKey(prefix.substr(8));
  return prefix;
}

SysctlCommand ParseSystemdSysctl(std::string_view words) {
  SysctlCommand command{.configured = true};
  for (auto word = TakeWord(words); !word.empty(); word = TakeWord(words)) {
    if (word.starts_with("--prefix=")) {
      command.prefixes.push_back(Prefix(word.substr(9)));
    } else if (word == "--prefix") {
      command.prefixes.push_back(Prefix(TakeWord(words)));
    } else if (!word.starts_with('-')) {
      command.files.emplace_back(word);
    }
  }
  return command;
}

SysctlCommand ParseProcpsSysctl(std::string_view words) {
  SysctlCommand command;
  bool load = false;
  for (auto word = TakeWord(words); !word.empty(); word = TakeWord(words)) {
    if (word == "--system") return {.configured = true, .sysctl_conf = true};
    if (word == "-p" || word == "--load") {
      load = true;
    } else if (word.starts_with("-p/") || word.starts_with("--load=")) {
      load = true;
      command.files.emplace_back(word.substr(word.find_first_of("/=") + (word[1] == 'p' ? 0 : 1)));
    } else if (word.starts_with('-')) {
      continue;
    } else if (word.find('=') != std::string_view::npos) {
      command.assignments.emplace_back(word);
    } else {
      command.files.emplace_back(word);
    }
  }
  if (!load) command.files.clear();
  command.sysctl_conf =
      load && (command.files.empty() || std::find(command.files.begin(), command.files.end(),
                                                  "/etc/sysctl.conf") != command.files.end());
  command.configured = load && !command.files.empty();
  return command;
}

}  // namespace

bool SysctlCommand::AppliesTo(std::string_view key, std::string_view file) const {
  if (file == "/etc/sysctl.conf" && sysctl_conf) return true;
  if (!configured) return false;
  const bool key_is_in =
      prefixes.empty() || std::any_of(prefixes.begin(), prefixes.end(),
                                      [key](const auto& prefix) { return IsBelow(key, prefix); });
  const bool file_is_in =
      files.empty() || std::any_of(files.begin(), files.end(), [file](const auto& name) {
        return BaseName(name) == BaseName(file);
      });
  return key_is_in && file_is_in;
}

SysctlCommand ParseSysctlCommand(std::string_view command) {
  auto words = command;
  const auto program = BaseName(TakeWord(words));
  if (program == "systemd-sysctl") return ParseSystemdSysctl(words);
  if (program == "sysctl") return ParseProcpsSysctl(words);
  const bool mentions = command.find("sysctl") != std::string_view::npos;
  return {.configured = mentions, .sysctl_conf = mentions};
}

}  // namespace conntrack::kernel
