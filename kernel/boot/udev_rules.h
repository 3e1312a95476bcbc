// udev rules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace conntrack::kernel {

/// A command that a rule runs.
struct UdevCommand {
  std::string text;
  bool certain = false;    ///< It runs when the module is loaded. False: it may run, then or later.
  bool of_module = false;  ///< The rule names the module.
  bool replaces = false;   ///< It replaces the commands of other rules.
  std::size_t line = 0;    ///< First line of the rule.

  friend bool operator==(const UdevCommand&, const UdevCommand&) = default;
};

/// \brief  Returns the commands that the rules of a file run, and the sysctls that they write (as a
///         call of sysctl), for the event after loading `module`. Invalid rules are skipped, as
///         udev does. After a GOTO, and with a condition that cannot be checked here, no command is
///         certain.
/// Source:  rules_parse_file() and parse_line() in systemd's src/udev/udev-rules.c.
[[nodiscard]] std::vector<UdevCommand> ParseUdevRules(std::string_view text,
                                                      const std::string& module);

/// Returns a command in which each word ends before its first device property: "$name", "%k",
/// "$attr{x}".
[[nodiscard]] std::string WithoutProperties(std::string_view command);

}  // namespace conntrack::kernel
