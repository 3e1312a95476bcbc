// Files of sysctl.d.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conntrack::kernel {

struct SysctlLine {
  std::string key;  ///< As a path below /proc/sys, may be a glob: "net/netfilter/x".
  std::optional<std::string> value;  ///< None in "-key", which keeps globs off that key.
  std::size_t line = 0;

  friend bool operator==(const SysctlLine&, const SysctlLine&) = default;
};

struct SysctlFile {
  std::vector<SysctlLine> lines;
  std::vector<std::size_t> broken;  ///< Numbers of lines that are none of the known forms.
};

/// \brief  Reads `key = value`, `-key = value` and `-key` lines, and passes over empty ones and
///         comments (`#`, `;`).
/// Source:  parse_file() in systemd's src/sysctl/sysctl.c; procps reads the same but for `-key`.
///          A comment behind a value is part of the value, as it is there.
/// Threads and cost: pure.
[[nodiscard]] SysctlFile ParseSysctlFile(std::string_view text);

/// \brief  The path below /proc/sys that a key means: `net.netfilter.x`, `net/netfilter/x` and
///         `/net/netfilter/x` are the same.
/// Source:  sysctl_normalize() in systemd's src/basic/sysctl-util.c: dots and slashes change places
///          where a dot comes first.
[[nodiscard]] std::string NormalizeSysctlKey(std::string_view key);

/// Whether a key means several: it has one of `*?[`.
[[nodiscard]] inline bool IsGlob(std::string_view key) {
  return key.find_first_of("*?[") != std::string_view::npos;
}

}  // namespace conntrack::kernel
