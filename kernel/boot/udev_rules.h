// Rules of udev.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace conntrack::kernel {

/// A command that a rule runs.
struct UdevCommand {
  std::string text;
  bool certain = false;    ///< Runs when the module is loaded. False: it may run, then or later.
  bool of_module = false;  ///< The rule names the module.
  bool replaces = false;   ///< Replaces what other rules run.
  std::size_t line = 0;    ///< Where the rule begins.

  friend bool operator==(const UdevCommand&, const UdevCommand&) = default;
};

/// \brief  What the rules of a file run and write (as a call of sysctl) in the event that follows
///         the loading of `module`. Broken rules are skipped, as udev does. After a GOTO, and with
///         a condition that cannot be checked here, nothing is certain.
/// Source:  rules_parse_file() and parse_line() in systemd's src/udev/udev-rules.c.
[[nodiscard]] std::vector<UdevCommand> ParseUdevRules(std::string_view text,
                                                      const std::string& module);

/// A command, each word of which ends before the first property of the device in it: "$name",
/// "%k", "$attr{x}".
[[nodiscard]] std::string WithoutProperties(std::string_view command);

}  // namespace conntrack::kernel
