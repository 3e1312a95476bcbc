// The effect of sysctl.d files, and of commands that set sysctls, at boot.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace conntrack::kernel {

/// A line of a file, in the usual notation: "/etc/sysctl.d/90-conntrack.conf:3".
struct SourceLine {
  std::string file;
  std::size_t line = 0;  ///< Starts at 1; 0 if the file has only one line.

  [[nodiscard]] std::string ToString() const {
    return line == 0 ? file : file + ":" + std::to_string(line);
  }
  friend bool operator==(const SourceLine&, const SourceLine&) = default;
};

struct SysctlAssignment {
  std::string key;                   ///< A path below /proc/sys, may be a glob: "net/netfilter/x".
  std::optional<std::string> value;  ///< None for "-key": excludes it from globs.
  SourceLine source;
  bool at_least = false;  ///< Written only if the current value is smaller (tuned's ">N").

  friend bool operator==(const SysctlAssignment&, const SysctlAssignment&) = default;
};

/// Something that may write settings, with unknown values.
struct BootDoubt {
  SourceLine source;
  std::string reason;
  std::vector<std::string> settings = {};    ///< "nf_conntrack_max", ...; empty: any.
  std::string_view kind = "unknown_writer";  ///< Value of the label `reason`; a literal.

  friend bool operator==(const BootDoubt&, const BootDoubt&) = default;
};

/// Returns whether a line applies, by its key as written ("net.nf_conntrack_max ") and as a path.
using SysctlFilter = std::function<bool(std::string_view written, const std::string& key)>;

/// \brief  Parses lines `key = value`, `-key = value` and `-key`. Skips empty and invalid lines,
///         comments (`#`, `;`), and lines that `filter` rejects.
/// Source:  parse_file() in systemd's src/sysctl/sysctl.c; procps reads the same.
[[nodiscard]] std::vector<SysctlAssignment> ParseSysctlFile(const std::string& path,
                                                            std::string_view text,
                                                            const SysctlFilter& filter = {});

/// \brief  Returns the path below /proc/sys of a key: `net.netfilter.x`, `net/netfilter/x` and
///         `/net/netfilter/x` are equal.
/// Source:  sysctl_normalize() in systemd's src/basic/sysctl-util.c: dots and slashes swap if a dot
///          comes first.
[[nodiscard]] std::string NormalizeSysctlKey(std::string_view key);

/// \brief  The assignments of all files, in the order in which they are applied. A later assignment
///         of a key replaces the earlier one, at the later position, unless the value is the same.
///         A glob is written to every matching key that no line names literally.
/// Source:  parse_file() and apply_all() in systemd's src/sysctl/sysctl.c.
class SysctlPlan {
 public:
  /// Add files in the order in which they are read.
  void AddFile(const std::string& path, std::string_view text, const SysctlFilter& filter = {});
  void Add(SysctlAssignment assignment);
  /// Restricts globs to keys below these prefixes.
  void LimitGlobs(std::vector<std::string> prefixes) { prefixes_ = std::move(prefixes); }

  /// Returns the last assignment of any of `keys`, which are all names of one sysctl.
  [[nodiscard]] const SysctlAssignment* Last(std::span<const std::string> keys) const;

  [[nodiscard]] const std::vector<SysctlAssignment>& assignments() const { return assignments_; }

 private:
  [[nodiscard]] bool Writes(const SysctlAssignment& assignment, const std::string& key) const;

  std::vector<SysctlAssignment> assignments_;
  std::vector<std::string> prefixes_;
};

/// Returns whether `key` is one of `prefixes` or below one; true if there are none.
[[nodiscard]] bool IsBelowOne(const std::vector<std::string>& prefixes, std::string_view key);

}  // namespace conntrack::kernel
