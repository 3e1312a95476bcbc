// Files that load modules at boot: modprobe.d, modules-load.d, modules.dep.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernel/boot/sysctl_config.h"

namespace conntrack::kernel {

/// One line `COMMAND MODULE text` of modprobe.d.
struct ModprobeLine {
  std::string command;  ///< "options", "install", "blacklist", "alias", "softdep", ...
  std::string module;   ///< With underscores; a pattern in "install" and "alias".
  std::string text;     ///< The text after the module.
  SourceLine source;

  friend bool operator==(const ModprobeLine&, const ModprobeLine&) = default;
};

/// \brief  Parses the file `path` of modprobe.d into lines.
/// Source:  kmod_config_parse() and getline_wrapped() in libkmod: a backslash joins lines, comments
///          begin in the first column, `-` and `_` in names are equal.
[[nodiscard]] std::vector<ModprobeLine> ParseModprobeFile(const std::string& path,
                                                          std::string_view text);

/// A parameter of a module.
struct ModuleOption {
  std::string name;
  std::string value;
  SourceLine source;

  friend bool operator==(const ModuleOption&, const ModuleOption&) = default;
};

/// Parses `name=value` words. Removes quotes around the value.
[[nodiscard]] std::vector<ModuleOption> ParseModuleOptions(std::string_view text,
                                                           const SourceLine& source);

/// A module to be loaded, with underscores, and the line that names it.
using NamedModule = std::pair<std::string, SourceLine>;

/// Returns the names in the file `path` of modules-load.d: one per line; lines with `#` or `;` are
/// comments.
[[nodiscard]] std::vector<NamedModule> ParseModulesLoadFile(const std::string& path,
                                                            std::string_view text);

/// Returns `name` with underscores instead of dashes, as the kernel names modules.
[[nodiscard]] std::string ModuleName(std::string_view name);

/// The modules of a kernel, from its modules.dep, modules.alias and modules.builtin.
class ModuleIndex {
 public:
  /// `dep` has lines `path/x.ko[.gz|.xz|.zst]: path/y.ko ...`, `alias` has lines `alias PATTERN
  /// MODULE`, `builtin` has one path per line.
  ModuleIndex(std::string_view dep, std::string alias, std::string_view builtin);

  [[nodiscard]] bool Has(const std::string& module) const { return needs_.contains(module); }
  [[nodiscard]] bool IsBuiltin(const std::string& module) const;
  /// Returns the modules that a name or alias stands for; empty if the kernel has none.
  [[nodiscard]] std::vector<std::string> Named(const std::string& name) const;
  /// Returns the modules that must be loaded before a module.
  [[nodiscard]] const std::vector<std::string>& NeedsOf(const std::string& module) const;

 private:
  std::map<std::string, std::vector<std::string>> needs_;
  std::vector<std::string> builtin_;
  std::string alias_;
};

}  // namespace conntrack::kernel
