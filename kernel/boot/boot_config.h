// What the files of a host will do to connection tracking at its next boot.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernel/boot/kernel_command_line.h"
#include "kernel/boot/root_files.h"
#include "kernel/boot/sysctl_config.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

enum class ModuleKind {
  kBuiltin,   ///< Part of the kernel image: its sysctls exist before any file is read.
  kLoadable,  ///< Its sysctls exist once it is loaded.
  kUnknown,
};

/// A hash size given to the module.
struct HashSize {
  std::string value;
  SourceLine source;
  bool from_command_line = false;

  friend bool operator==(const HashSize&, const HashSize&) = default;
};

struct BootConfig {
  ModuleKind module = ModuleKind::kUnknown;
  bool loaded_early = false;               ///< Before the files of sysctl.d are applied.
  SysctlPlan plan;                         ///< Applied early, in any case.
  SysctlPlan unlinked;                     ///< /etc/sysctl.conf if nothing in sysctl.d links to it.
  std::vector<SysctlCommand> when_loaded;  ///< Run when the module is loaded.
  SysctlPlan late;                         ///< Assignments in these commands.
  std::vector<KernelCommandLine::Sysctl> command_line;  ///< If the kernel supports them.
  std::optional<HashSize> hash_size;
  std::vector<UnreadableFile> unreadable;
};

/// \brief  Reads all files of the host that configure connection tracking at boot.
/// Source:  sysctl.d, /etc/sysctl.conf, modules-load.d, modprobe.d, udev's rules.d and modules.dep
///          below `root`; /proc/cmdline; /sys/module/nf_conntrack (only loadable modules have an
///          `initstate`), else modules.builtin. Not seen: an initramfs, credentials of systemd
///          (sysctl.extra), tmpfiles.d, and what services do later.
/// Errors:  files that cannot be read are named in `unreadable`.
[[nodiscard]] BootConfig ReadBootConfig(const KernelFiles& root, const KernelFiles& proc,
                                        const KernelFiles& sys);

}  // namespace conntrack::kernel
