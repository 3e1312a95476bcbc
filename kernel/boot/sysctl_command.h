// Commands that set sysctls.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace conntrack::kernel {

/// What a command does to the sysctls.
struct SysctlCommand {
  bool configured = false;                 ///< Carries out the files of sysctl.d,
  std::vector<std::string> prefixes = {};  ///< for keys below these, or all where there are none,
  std::vector<std::string> files = {};     ///< from these files, or all where there are none.
  bool sysctl_conf = false;                ///< Carries out /etc/sysctl.conf.
  std::vector<std::string> assignments = {};  ///< `key=value` in the command itself.

  friend bool operator==(const SysctlCommand&, const SysctlCommand&) = default;

  /// Whether it carries out a line of `file` that sets `key`.
  [[nodiscard]] bool AppliesTo(std::string_view key, std::string_view file) const;
};

/// \brief  Understands systemd-sysctl and procps' sysctl. A command that only mentions sysctl, in a
///         shell say, is taken to carry out everything; one that does not, nothing.
[[nodiscard]] SysctlCommand ParseSysctlCommand(std::string_view command);

}  // namespace conntrack::kernel
