#include "kernel/boot/sysctl_config.h"

#include <fnmatch.h>

#include <algorithm>
#include <utility>

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

bool IsGlob(std::string_view key) { return key.find_first_of("*?[") != std::string_view::npos; }

}  // namespace

bool IsBelowOne(const std::vector<std::string>& prefixes, std::string_view key) {
  return prefixes.empty() || std::ranges::any_of(prefixes, [key](std::string_view prefix) {
           return prefix.empty() || (key.starts_with(prefix) &&
                                     (key.size() == prefix.size() || key[prefix.size()] == '/'));
         });
}

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
    // Removes leading and repeated slashes.
    if (c == '/' && (path.empty() || path.back() == '/')) continue;
    path += c;
  }
  if (path.ends_with('/')) path.pop_back();
  return path;
}

std::vector<SysctlAssignment> ParseSysctlFile(const std::string& path, std::string_view text,
                                              const SysctlFilter& filter) {
  std::vector<SysctlAssignment> assignments;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto line = Strip(TakeLine(text));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    const bool dash = TakePrefix(line, "-");
    const auto equals = line.find('=');
    const bool assigns = equals != std::string_view::npos;
    const auto written = line.substr(0, equals);
    auto key = NormalizeSysctlKey(Strip(written));
    if (key.empty() || (!assigns && !dash) || (filter && !filter(written, key))) continue;
    SysctlAssignment assignment{std::move(key), {}, {path, number}};
    if (assigns) assignment.value = Strip(line.substr(equals + 1));
    assignments.push_back(std::move(assignment));
  }
  return assignments;
}

void SysctlPlan::AddFile(const std::string& path, std::string_view text,
                         const SysctlFilter& filter) {
  for (auto& assignment : ParseSysctlFile(path, text, filter)) Add(std::move(assignment));
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
  if (!IsGlob(assignment.key) || !IsBelowOne(prefixes_, key)) return false;
  const bool is_named =
      std::ranges::find(assignments_, key, &SysctlAssignment::key) != assignments_.end();
  return !is_named &&
         ::fnmatch(assignment.key.c_str(), key.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
}

}  // namespace conntrack::kernel
