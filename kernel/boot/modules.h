// What loads modules at boot: modprobe.d, modules-load.d, modules.dep.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace conntrack::kernel {

/// One `options MODULE name=value ...` or `install MODULE command` line.
struct ModprobeLine {
  enum class Command { kOptions, kInstall };

  Command command = Command::kOptions;
  std::string module;  ///< With underscores.
  std::string text;    ///< What follows the module.
  std::size_t line = 0;

  friend bool operator==(const ModprobeLine&, const ModprobeLine&) = default;
};

/// \brief  The `options` and `install` lines of a file of modprobe.d.
/// Source:  kmod_config_parse() and getline_wrapped() in libkmod: a backslash joins lines, comments
///          begin in the first column, `-` and `_` in names are the same.
[[nodiscard]] std::vector<ModprobeLine> ParseModprobeFile(std::string_view text);

/// The value of the last `name=value` in the text of options, without quotes; empty if none.
[[nodiscard]] std::string_view LastOption(std::string_view options, std::string_view name);

/// The names in a file of modules-load.d, with underscores: one a line, but for `#` and `;`.
[[nodiscard]] std::vector<std::string> ParseModulesLoadFile(std::string_view text);

/// `name` with underscores instead of dashes, as the kernel names modules.
[[nodiscard]] std::string ModuleName(std::string_view name);

/// \brief  The modules that load nf_conntrack: itself, by each of its names, and its dependents.
/// Source:  /lib/modules/RELEASE/modules.dep: `path/x.ko[.gz|.xz|.zst]: path/y.ko ...`.
[[nodiscard]] std::set<std::string> ConntrackDependents(std::string_view modules_dep);

/// The same for any kernel, where modules.dep cannot be read.
[[nodiscard]] std::set<std::string> CommonConntrackDependents();

/// Whether /lib/modules/RELEASE/modules.builtin, one path a line, has nf_conntrack.
[[nodiscard]] bool IsConntrackBuiltin(std::string_view modules_builtin);

}  // namespace conntrack::kernel
