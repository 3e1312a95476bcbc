#include "kernel/boot/sysctl_config.h"

#include <fnmatch.h>

#include <algorithm>
#include <utility>

#include "kernel/text.h"

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
      load && (command.files.empty() ||
               std::ranges::find(command.files, "/etc/sysctl.conf") != command.files.end());
  command.configured = load && !command.files.empty();
  return command;
}

}  // namespace

std::string NormalizeSysctlKey(std::string_view key) {
  const auto first = key.find_first_of("./");
  const bool swap = first != std::string_view::npos && key[first] == '.';
  std::string path;
  for (char c : key) {
    if (swap && c == '.') {
      c = '/';
    } else if (swap && c == '/') {
      c = '.';
    }
    // No slash in front, none twice.
    if (c == '/' && (path.empty() || path.back() == '/')) continue;
    path += c;
  }
  if (path.ends_with('/')) path.pop_back();
  return path;
}

std::vector<SysctlAssignment> ParseSysctlFile(const std::string& path, std::string_view text) {
  std::vector<SysctlAssignment> assignments;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto line = Strip(TakeLine(text));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    const bool dash = TakePrefix(line, "-");
    const auto equals = line.find('=');
    const bool assigns = equals != std::string_view::npos;
    auto key = NormalizeSysctlKey(Strip(line.substr(0, equals)));
    if (key.empty() || (!assigns && !dash)) continue;
    SysctlAssignment assignment{std::move(key), {}, {path, number}};
    if (assigns) assignment.value = Strip(line.substr(equals + 1));
    assignments.push_back(std::move(assignment));
  }
  return assignments;
}

void SysctlPlan::AddFile(const std::string& path, std::string_view text) {
  for (auto& assignment : ParseSysctlFile(path, text)) Add(std::move(assignment));
}

void SysctlPlan::Add(SysctlAssignment assignment) {
  const auto earlier = std::ranges::find(assignments_, assignment.key, &SysctlAssignment::key);
  if (earlier != assignments_.end()) {
    if (earlier->value == assignment.value) return;
    assignments_.erase(earlier);
  }
  assignments_.push_back(std::move(assignment));
}

const SysctlAssignment* SysctlPlan::Last(std::span<const std::string> keys) const {
  const auto last =
      std::find_if(assignments_.rbegin(), assignments_.rend(), [&](const auto& assignment) {
        return std::ranges::any_of(keys, [&](const auto& key) { return Writes(assignment, key); });
      });
  return last == assignments_.rend() ? nullptr : &*last;
}

bool SysctlPlan::Writes(const SysctlAssignment& assignment, const std::string& key) const {
  if (!assignment.value) return false;
  if (assignment.key == key) return true;
  if (assignment.key.find_first_of("*?[") == std::string::npos) return false;
  const bool is_named =
      std::ranges::find(assignments_, key, &SysctlAssignment::key) != assignments_.end();
  return !is_named &&
         ::fnmatch(assignment.key.c_str(), key.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
}

bool SysctlCommand::AppliesTo(std::string_view key, std::string_view file) const {
  if (file == "/etc/sysctl.conf" && sysctl_conf) return true;
  if (!configured) return false;
  const bool key_is_in =
      prefixes.empty() ||
      std::ranges::any_of(prefixes, [key](const auto& prefix) { return IsBelow(key, prefix); });
  const bool file_is_in = files.empty() || std::ranges::any_of(files, [file](const auto& name) {
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
