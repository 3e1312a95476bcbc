// Commands that set sysctls, from install lines of modprobe.d and from udev rules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernel/boot/sysctl_config.h"

namespace conntrack::kernel {

/// One call of systemd-sysctl, or of sysctl from procps.
struct SysctlCall {
  std::vector<std::string> assignments = {};  ///< `key=value` arguments of the call.
  bool all_files = false;                     ///< It applies the files of sysctl.d,
  std::vector<std::string> prefixes = {};     ///< to keys below these (systemd; empty: all),
  std::string pattern = {};                   ///< or to keys that match as written (procps, ERE),
  bool sysctl_conf = false;                   ///< and /etc/sysctl.conf after them.
  std::vector<std::string> files = {};        ///< It applies these: a path, or a name in sysctl.d.

  friend bool operator==(const SysctlCall&, const SysctlCall&) = default;

  /// Returns a filter for the lines of files that it applies.
  [[nodiscard]] SysctlFilter Filter() const;
  /// Returns whether it may set a sysctl of connection tracking.
  [[nodiscard]] bool MaySetConntrack() const;
};

/// The effects of a command line.
struct BootCommand {
  std::vector<SysctlCall> calls = {};
  std::vector<std::string> options = {};  ///< `hashsize=5`, passed to modprobe.
  bool loads = false;                     ///< It calls modprobe.
  /// The fields above cover the whole command line. If false, they cover only the part that was
  /// parsed.
  bool understood = true;

  friend bool operator==(const BootCommand&, const BootCommand&) = default;
};

/// \brief  Parses a chain of sysctl, modprobe and harmless commands, joined with && or ;, also
///         within `sh -c`. Expansions, pipes, redirections and other programs are not understood.
[[nodiscard]] BootCommand ParseBootCommand(std::string_view text);

}  // namespace conntrack::kernel
