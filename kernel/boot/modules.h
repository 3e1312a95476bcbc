// What loads modules at boot: modprobe.d, modules-load.d, modules.dep.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernel/boot/sysctl_config.h"

namespace conntrack::kernel {

/// One line `COMMAND MODULE what follows` of modprobe.d.
struct ModprobeLine {
  std::string command;  ///< "options", "install", "blacklist", "alias", "softdep", ...
  std::string module;   ///< With underscores; a pattern in "install" and "alias".
  std::string text;     ///< What follows the module.
  SourceLine source;

  friend bool operator==(const ModprobeLine&, const ModprobeLine&) = default;
};

/// \brief  The lines of the file `path` of modprobe.d.
/// Source:  kmod_config_parse() and getline_wrapped() in libkmod: a backslash joins lines, comments
///          begin in the first column, `-` and `_` in names are the same.
[[nodiscard]] std::vector<ModprobeLine> ParseModprobeFile(const std::string& path,
                                                          std::string_view text);

/// A parameter given to a module.
struct ModuleOption {
  std::string name;
  std::string value;
  SourceLine source;

  friend bool operator==(const ModuleOption&, const ModuleOption&) = default;
};

/// `name=value` words, without quotes around the value.
[[nodiscard]] std::vector<ModuleOption> ParseModuleOptions(std::string_view text,
                                                           const SourceLine& source);

/// A module to be loaded, with underscores, and what says so.
using NamedModule = std::pair<std::string, SourceLine>;

/// The names in the file `path` of modules-load.d: one a line; lines with `#` or `;` are comments.
[[nodiscard]] std::vector<NamedModule> ParseModulesLoadFile(const std::string& path,
                                                            std::string_view text);

/// `name` with underscores instead of dashes, as the kernel names modules.
[[nodiscard]] std::string ModuleName(std::string_view name);

/// The modules of a kernel, by its modules.dep, modules.alias and modules.builtin.
class ModuleIndex {
 public:
  /// `dep` is lines `path/x.ko[.gz|.xz|.zst]: path/y.ko ...`, `alias` lines `alias PATTERN MODULE`,
  /// `builtin` a path a line.
  ModuleIndex(std::string_view dep, std::string alias, std::string_view builtin);

  [[nodiscard]] bool Has(const std::string& module) const { return needs_.contains(module); }
  [[nodiscard]] bool IsBuiltin(const std::string& module) const;
  /// The modules that a name or alias stands for; none if the kernel has none.
  [[nodiscard]] std::vector<std::string> Named(const std::string& name) const;
  /// What has to be loaded before a module.
  [[nodiscard]] const std::vector<std::string>& NeedsOf(const std::string& module) const;

 private:
  std::map<std::string, std::vector<std::string>> needs_;
  std::vector<std::string> builtin_;
  std::string alias_;
};

}  // namespace conntrack::kernel
