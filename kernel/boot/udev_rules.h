// Rules of udev.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace conntrack::kernel {

/// One `KEY{attribute}OPERATOR"value"`.
struct UdevToken {
  std::string key;        ///< Without the attribute.
  std::string operation;  ///< "==", "!=", "=", "+=", "-=" or ":=".
  std::string value;

  friend bool operator==(const UdevToken&, const UdevToken&) = default;
};

struct UdevRule {
  std::vector<UdevToken> tokens;
  std::size_t line = 0;  ///< Where it begins.
};

/// \brief  Parses a file of rules. Broken rules are skipped, as udev does.
/// Source:  rules_parse_file() and parse_line() in systemd's src/udev/udev-rules.c.
[[nodiscard]] std::vector<UdevRule> ParseUdevRules(std::string_view text);

/// \brief  The commands that a rule runs when the module nf_conntrack is loaded. Conditions that
///         cannot be checked here count as met.
[[nodiscard]] std::vector<std::string> CommandsForConntrack(const UdevRule& rule);

}  // namespace conntrack::kernel
