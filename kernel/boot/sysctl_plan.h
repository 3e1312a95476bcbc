// What all files of sysctl.d together assign.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/boot/sysctl_file.h"
#include "kernel/boot/text_line.h"

namespace conntrack::kernel {

struct SysctlAssignment {
  std::string key;
  std::optional<std::string> value;  ///< None: keeps globs off the key.
  SourceLine source;

  friend bool operator==(const SysctlAssignment&, const SysctlAssignment&) = default;
};

/// \brief  The assignments of all files, in the order in which they are carried out.
///
/// A later assignment of a key replaces the earlier one, and is carried out in its own place; one
/// of the same value changes nothing. A glob is written to every key that it matches and that no
/// line names literally.
/// Source:  parse_file() and apply_all() in systemd's src/sysctl/sysctl.c.
class SysctlPlan {
 public:
  /// Files are added in the order in which they are read.
  void Add(const std::string& path, const SysctlFile& file);
  void Add(SysctlAssignment assignment);

  /// The assignment that is carried out last for any of `keys`, which are names of one sysctl.
  [[nodiscard]] const SysctlAssignment* Last(std::span<const std::string> keys) const;

  [[nodiscard]] const std::vector<SysctlAssignment>& assignments() const { return assignments_; }

 private:
  [[nodiscard]] bool Names(std::string_view key) const;
  [[nodiscard]] bool Writes(const SysctlAssignment& assignment, const std::string& key) const;

  std::vector<SysctlAssignment> assignments_;
};

}  // namespace conntrack::kernel
