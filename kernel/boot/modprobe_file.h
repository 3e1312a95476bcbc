// Files of modprobe.d and modules-load.d.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace conntrack::kernel {

/// One `options MODULE name=value ...` or `install MODULE command` line.
struct ModprobeLine {
  enum class Command { kOptions, kInstall };

  Command command = Command::kOptions;
  std::string module;  ///< With underscores.
  std::string text;    ///< All behind the module.
  std::size_t line = 0;

  friend bool operator==(const ModprobeLine&, const ModprobeLine&) = default;
};

/// \brief  The `options` and `install` lines of a file of modprobe.d; all others are passed over.
/// Source:  kmod_config_parse() and getline_wrapped() in kmod's libkmod: a backslash at the end of
///          a line joins it with the next, comments begin in the first column, `-` and `_` in names
///          are the same.
/// Threads and cost: pure.
[[nodiscard]] std::vector<ModprobeLine> ParseModprobeFile(std::string_view text);

/// The value of the last `name=value` in the text of options, without quotes; empty where there is
/// none.
[[nodiscard]] std::string_view LastOption(std::string_view options, std::string_view name);

/// The names in a file of modules-load.d, with underscores: one a line, but for `#` and `;`.
[[nodiscard]] std::vector<std::string> ParseModulesLoadFile(std::string_view text);

/// `name` with underscores instead of dashes, as the kernel names modules.
[[nodiscard]] std::string ModuleName(std::string_view name);

}  // namespace conntrack::kernel
