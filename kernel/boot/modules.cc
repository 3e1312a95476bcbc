#include "kernel/boot/modules.h"

#include <fnmatch.h>

#include <algorithm>

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

/// Removes and returns the next line with its continuation lines, and adds their number to `line`.
std::string TakeWrappedLine(std::string_view& text, std::size_t& line) {
  std::string whole;
  while (!text.empty()) {
    whole += TakeLine(text);
    ++line;
    if (!whole.ends_with('\\')) break;
    whole.pop_back();
  }
  return whole;
}

/// Returns the module name of a path: nf_nat for "kernel/net/netfilter/nf_nat.ko.xz".
std::string ModuleOfPath(std::string_view path) {
  path = BaseName(path);
  return ModuleName(path.substr(0, path.find('.')));
}

}  // namespace

std::vector<ModprobeLine> ParseModprobeFile(const std::string& path, std::string_view text) {
  std::vector<ModprobeLine> lines;
  for (std::size_t number = 0; !text.empty();) {
    const std::size_t first = number + 1;
    const auto whole = TakeWrappedLine(text, number);
    if (whole.starts_with('#')) continue;
    std::string_view rest = whole;
    const auto command = TakeWord(rest);
    const auto module = TakeWord(rest);
    if (module.empty()) continue;
    lines.push_back(
        {std::string(command), ModuleName(module), std::string(Strip(rest)), {path, first}});
  }
  return lines;
}

std::vector<ModuleOption> ParseModuleOptions(std::string_view text, const SourceLine& source) {
  std::vector<ModuleOption> options;
  for (auto word = TakeWord(text); !word.empty(); word = TakeWord(text)) {
    const auto name = TakeUntil(word, '=');
    if (word.size() >= 2 && word.front() == '"' && word.back() == '"') {
      word = word.substr(1, word.size() - 2);
    }
    options.push_back({std::string(name), std::string(word), source});
  }
  return options;
}

std::vector<NamedModule> ParseModulesLoadFile(const std::string& path, std::string_view text) {
  std::vector<NamedModule> names;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto line = Strip(TakeLine(text));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    names.push_back({ModuleName(line), {path, number}});
  }
  return names;
}

std::string ModuleName(std::string_view name) {
  std::string module(name);
  std::replace(module.begin(), module.end(), '-', '_');
  return module;
}

ModuleIndex::ModuleIndex(std::string_view dep, std::string alias, std::string_view builtin)
    : alias_(std::move(alias)) {
  while (!dep.empty()) {
    auto needed = TakeLine(dep);
    auto& needs = needs_[ModuleOfPath(TakeUntil(needed, ':'))];
    for (auto word = TakeWord(needed); !word.empty(); word = TakeWord(needed)) {
      needs.push_back(ModuleOfPath(word));
    }
  }
  while (!builtin.empty()) builtin_.push_back(ModuleOfPath(Strip(TakeLine(builtin))));
}

bool ModuleIndex::IsBuiltin(const std::string& module) const {
  return std::ranges::find(builtin_, module) != builtin_.end();
}

std::vector<std::string> ModuleIndex::Named(const std::string& name) const {
  if (Has(name) || IsBuiltin(name)) return {name};
  std::vector<std::string> modules;
  for (std::string_view rest = alias_; !rest.empty();) {
    auto line = TakeLine(rest);
    if (TakeWord(line) != "alias") continue;
    const auto pattern = ModuleName(TakeWord(line));
    if (::fnmatch(pattern.c_str(), name.c_str(), 0) == 0)
      modules.push_back(ModuleName(TakeWord(line)));
  }
  return modules;
}

const std::vector<std::string>& ModuleIndex::NeedsOf(const std::string& module) const {
  static const std::vector<std::string> kNone;
  const auto found = needs_.find(module);
  return found == needs_.end() ? kNone : found->second;
}

}  // namespace conntrack::kernel
