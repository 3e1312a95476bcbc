// Commands in install lines of modprobe.d and in rules of udev that set sysctls.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernel/boot/sysctl_config.h"

namespace conntrack::kernel {

/// One call of systemd-sysctl or of procps' sysctl.
struct SysctlCall {
  std::vector<std::string> assignments = {};  ///< `key=value` in the call itself.
  bool all_files = false;                     ///< Applies the files of sysctl.d,
  std::vector<std::string> prefixes = {};     ///< for keys below these (systemd), or all if empty,
  std::string pattern = {};                   ///< whose written key matches this (procps, ERE);
  bool sysctl_conf = false;                   ///< and /etc/sysctl.conf after them.
  std::vector<std::string> files = {};        ///< Applies these: a path, or a name in sysctl.d.

  friend bool operator==(const SysctlCall&, const SysctlCall&) = default;

  /// The lines of files that it applies.
  [[nodiscard]] SysctlFilter Filter() const;
  /// Whether it may set a sysctl of connection tracking.
  [[nodiscard]] bool MaySetConntrack() const;
};

/// What a command line does.
struct BootCommand {
  std::vector<SysctlCall> calls = {};
  std::vector<std::string> options = {};  ///< `hashsize=5`, given to modprobe.
  bool loads = false;                     ///< Calls modprobe.
  /// All of the command line is in the fields above. If false, they have what was read until then.
  bool understood = true;

  friend bool operator==(const BootCommand&, const BootCommand&) = default;
};

/// \brief  Parses a chain of sysctl, modprobe and harmless commands, joined with && or ;, also
///         within `sh -c`. Expansions, pipes, redirections and other programs are not understood.
[[nodiscard]] BootCommand ParseBootCommand(std::string_view text);

}  // namespace conntrack::kernel
