// Rules of udev.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace conntrack::kernel {

/// One `KEY{attribute}OPERATOR"value"`.
struct UdevToken {
  std::string key;
  std::string attribute;
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

/// What a rule does beyond naming things.
struct UdevAction {
  enum class Runs {
    kNot,    ///< Not when the module is loaded.
    kMaybe,  ///< By conditions that cannot be checked here.
    kYes,
  };

  UdevToken token;  ///< RUN, PROGRAM, IMPORT, SYSCTL or ATTR, with what is run or written.
  Runs runs = Runs::kNot;
  bool of_module = false;  ///< The rule names the module, or modules.
  std::size_t line = 0;
};

/// The actions of the rules of a file, in the event that follows the loading of `module`.
[[nodiscard]] std::vector<UdevAction> ActionsOf(const std::vector<UdevRule>& rules,
                                                const std::string& module);

/// \brief  A value with a word in the place of each property of the device that udev puts there:
///         "$name", "%k", "$attr{x}".
[[nodiscard]] std::string WithoutProperties(std::string_view value);

}  // namespace conntrack::kernel
