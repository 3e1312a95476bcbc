// What files of sysctl.d, and commands that set sysctls, do at boot.
#pragma once

#include <functional>
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

/// Something that may set settings; what it sets is unknown.
struct BootDoubt {
  SourceLine source;
  std::string reason;
  std::vector<std::string> settings = {};    ///< Which: "nf_conntrack_max"; any if empty.
  std::string_view kind = "unknown_writer";  ///< A word for the label `reason`; a literal.

  friend bool operator==(const BootDoubt&, const BootDoubt&) = default;
};

/// Whether a line counts, by its key as written ("net.nf_conntrack_max ") and as a path.
using SysctlFilter = std::function<bool(std::string_view written, const std::string& key)>;

/// \brief  Reads `key = value`, `-key = value` and `-key` lines; skips empty and broken ones,
///         comments (`#`, `;`), and those that `filter` does not pass.
/// Source:  parse_file() in systemd's src/sysctl/sysctl.c; procps reads the same.
[[nodiscard]] std::vector<SysctlAssignment> ParseSysctlFile(const std::string& path,
                                                            std::string_view text,
                                                            const SysctlFilter& filter = {});

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
  void AddFile(const std::string& path, std::string_view text, const SysctlFilter& filter = {});
  void Add(SysctlAssignment assignment);
  /// Globs write only to keys below these.
  void LimitGlobs(std::vector<std::string> prefixes) { prefixes_ = std::move(prefixes); }

  /// The last applied assignment of any of `keys`, which are names of one sysctl.
  [[nodiscard]] const SysctlAssignment* Last(std::span<const std::string> keys) const;

  [[nodiscard]] const std::vector<SysctlAssignment>& assignments() const { return assignments_; }

 private:
  [[nodiscard]] bool Writes(const SysctlAssignment& assignment, const std::string& key) const;

  std::vector<SysctlAssignment> assignments_;
  std::vector<std::string> prefixes_;
};

/// Whether `key` is one of `prefixes` or below it; true if there are none.
[[nodiscard]] bool IsBelowOne(const std::vector<std::string>& prefixes, std::string_view key);

}  // namespace conntrack::kernel
