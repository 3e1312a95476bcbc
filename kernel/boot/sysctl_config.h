// What files of sysctl.d, and commands that set sysctls, do at boot.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace conntrack::kernel {

/// A line of a file, as people write it: "/etc/sysctl.d/90-conntrack.conf:3".
struct SourceLine {
  std::string file;
  std::size_t line = 0;  ///< From 1 on; 0 if the file has but one.

  [[nodiscard]] std::string ToString() const {
    return line == 0 ? file : file + ":" + std::to_string(line);
  }
  friend bool operator==(const SourceLine&, const SourceLine&) = default;
};

struct SysctlAssignment {
  std::string key;  ///< As a path below /proc/sys, may be a glob: "net/netfilter/x".
  std::optional<std::string> value;  ///< None in "-key", which excludes the key from globs.
  SourceLine source;
  bool at_least = false;  ///< Written only where the present value is smaller (tuned's ">N").

  friend bool operator==(const SysctlAssignment&, const SysctlAssignment&) = default;
};

/// What may set settings, and cannot be foretold.
struct BootDoubt {
  SourceLine source;
  std::string reason;
  std::vector<std::string> settings = {};  ///< Which: "nf_conntrack_max"; any if empty.

  friend bool operator==(const BootDoubt&, const BootDoubt&) = default;
};

/// \brief  Reads `key = value`, `-key = value` and `-key` lines; skips empty and broken ones, and
///         comments (`#`, `;`).
/// Source:  parse_file() in systemd's src/sysctl/sysctl.c; procps reads the same except `-key`.
[[nodiscard]] std::vector<SysctlAssignment> ParseSysctlFile(const std::string& path,
                                                            std::string_view text);

/// \brief  The path below /proc/sys that a key means: `net.netfilter.x`, `net/netfilter/x` and
///         `/net/netfilter/x` are the same.
/// Source:  sysctl_normalize() in systemd's src/basic/sysctl-util.c: dots and slashes swap if a dot
///          comes first.
[[nodiscard]] std::string NormalizeSysctlKey(std::string_view key);

/// \brief  The assignments of all files, in the order in which they are applied. A later assignment
/// of a key replaces the earlier one, in its own place, unless the value is the same. A glob is
/// written to every matching key that no line names literally.
/// Source:  parse_file() and apply_all() in systemd's src/sysctl/sysctl.c.
class SysctlPlan {
 public:
  /// Files are added in the order in which they are read.
  void AddFile(const std::string& path, std::string_view text);
  void Add(SysctlAssignment assignment);

  /// The last applied assignment of any of `keys`, which are names of one sysctl.
  [[nodiscard]] const SysctlAssignment* Last(std::span<const std::string> keys) const;

  [[nodiscard]] const std::vector<SysctlAssignment>& assignments() const { return assignments_; }

 private:
  [[nodiscard]] bool Writes(const SysctlAssignment& assignment, const std::string& key) const;

  std::vector<SysctlAssignment> assignments_;
};

/// What a command does to the sysctls.
struct SysctlCommand {
  bool configured = false;                    ///< Applies the files of sysctl.d,
  std::vector<std::string> prefixes = {};     ///< for keys below these, or all if empty,
  std::vector<std::string> files = {};        ///< from these files, or all if empty.
  bool sysctl_conf = false;                   ///< Applies /etc/sysctl.conf.
  std::vector<std::string> assignments = {};  ///< `key=value` in the command itself.

  friend bool operator==(const SysctlCommand&, const SysctlCommand&) = default;

  /// Whether it applies a line of `file` that sets `key`.
  [[nodiscard]] bool AppliesTo(std::string_view key, std::string_view file) const;
};

/// \brief  Parses calls of systemd-sysctl and procps' sysctl. Any other command that mentions
///         sysctl, such as a shell, is assumed to apply everything; the rest nothing.
[[nodiscard]] SysctlCommand ParseSysctlCommand(std::string_view command);

}  // namespace conntrack::kernel
