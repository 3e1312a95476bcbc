// What the files of a host will do to connection tracking at its next boot.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernel/boot/command_line.h"
#include "kernel/boot/config_folders.h"
#include "kernel/boot/sysctl_command.h"
#include "kernel/boot/sysctl_plan.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

enum class ModuleKind {
  kBuiltin,   ///< Part of the kernel image: there before any file is read.
  kLoadable,  ///< Its sysctls are there once it is loaded.
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
  bool loaded_early = false;  ///< Before the files of sysctl.d are carried out.
  SysctlPlan plan;            ///< Carried out early, in any case.
  SysctlPlan unlinked;        ///< /etc/sysctl.conf where nothing in sysctl.d leads to it.
  std::vector<SysctlCommand> when_loaded;               ///< Run when the module appears.
  SysctlPlan late;                                      ///< Assignments in these commands.
  std::vector<KernelCommandLine::Sysctl> command_line;  ///< Where the kernel knows them.
  std::optional<HashSize> hash_size;
  std::vector<UnreadableFile> unreadable;
};

/// \brief  Reads all files of the host that have a say.
///
/// Source:  sysctl.d, /etc/sysctl.conf, modules-load.d, modprobe.d, udev's rules.d and modules.dep
///          below `root`; /proc/cmdline; whether nf_conntrack is built in, from
///          /sys/module/nf_conntrack (only what can be loaded has an `initstate`), else from
///          modules.builtin. Without systemd, /etc/sysctl.conf and /etc/modules are read at boot
///          as well. An initramfs, credentials of systemd (sysctl.extra), tmpfiles.d and whatever
///          services do later cannot be seen.
/// Errors:  files that cannot be read are named in `unreadable`.
/// Threads and cost: any thread; opens some dozens of files, with all rules of udev (and only then)
///          where the module is loaded late.
[[nodiscard]] BootConfig ReadBootConfig(const KernelFiles& root, const KernelFiles& proc,
                                        const KernelFiles& sys);

}  // namespace conntrack::kernel
