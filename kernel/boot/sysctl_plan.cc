#include "kernel/boot/sysctl_plan.h"

#include <fnmatch.h>

#include <algorithm>
#include <utility>

namespace conntrack::kernel {

void SysctlPlan::Add(const std::string& path, const SysctlFile& file) {
  for (const auto& line : file.lines) Add({line.key, line.value, {path, line.line}});
}

void SysctlPlan::Add(SysctlAssignment assignment) {
  const auto earlier =
      std::find_if(assignments_.begin(), assignments_.end(),
                   [&](const SysctlAssignment& other) { return other.key == assignment.key; });
  if (earlier != assignments_.end()) {
    if (earlier->value == assignment.value) return;
    assignments_.erase(earlier);
  }
  assignments_.push_back(std::move(assignment));
}

const SysctlAssignment* SysctlPlan::Last(std::span<const std::string> keys) const {
  const auto last =
      std::find_if(assignments_.rbegin(), assignments_.rend(), [&](const auto& assignment) {
        return std::any_of(keys.begin(), keys.end(),
                           [&](const auto& key) { return Writes(assignment, key); });
      });
  return last == assignments_.rend() ? nullptr : &*last;
}

bool SysctlPlan::Names(std::string_view key) const {
  return std::any_of(assignments_.begin(), assignments_.end(),
                     [key](const auto& assignment) { return assignment.key == key; });
}

bool SysctlPlan::Writes(const SysctlAssignment& assignment, const std::string& key) const {
  if (!assignment.value) return false;
  if (assignment.key == key) return true;
  return IsGlob(assignment.key) && !Names(key) &&
         ::fnmatch(assignment.key.c_str(), key.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
}

}  // namespace conntrack::kernel
