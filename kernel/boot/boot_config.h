// What the files of a host do to connection tracking at the next boot.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kernel/boot/boot_writers.h"
#include "kernel/boot/module_loads.h"
#include "kernel/boot/root_files.h"
#include "kernel/boot/sysctl_config.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

enum class ModuleKind {
  kBuiltin,   ///< Part of the kernel image: its sysctls exist before any file is read.
  kLoadable,  ///< Its sysctls exist when it is loaded.
  kUnknown,
};

/// The effects of loading a module.
struct LoadStep {
  std::string module;
  std::string manager;  ///< "modprobe": immediately. "udev": soon after.
  SysctlPlan plan;
  std::vector<BootDoubt> doubts;
};

struct BootConfig {
  ModuleKind module = ModuleKind::kUnknown;
  /// The sysctls of TCP, UDP and ICMP belong to nf_conntrack_ipv4 and _ipv6, as before 4.19.
  bool protocols_apart = false;
  std::map<std::string, ModuleFate> fates;  ///< Keyed by the modules that have the sysctls.
  SysctlPlan command_line;                  ///< First of all, if the kernel supports it.
  SysctlPlan files;                         ///< Applied by systemd-sysctl.
  std::vector<BootDoubt> files_doubts;      ///< About files of sysctl.d that cannot be read.
  SysctlPlan unlinked;                ///< /etc/sysctl.conf if nothing in sysctl.d links to it.
  std::vector<ModuleOption> options;  ///< The last one of a name counts.
  std::vector<LoadStep> when_loaded;
  std::vector<BootWriter> late;  ///< Run after all of these.
  std::vector<UnreadableFile> unreadable;
};

/// \brief  Reads all files of the host that configure connection tracking at boot.
/// Source:  sysctl.d, /etc/sysctl.conf, modules-load.d, modprobe.d, udev's rules.d, the
///          configuration of the initramfs, modules.{dep,alias,builtin} and the sources of
///          ReadBootWriters() below `root`; /proc/cmdline; /sys/module/nf_conntrack (only loadable
///          modules have an `initstate`), otherwise modules.builtin. Not read: credentials of
///          systemd (sysctl.extra).
/// Errors:  files that cannot be read are listed in `unreadable`, and cause doubts.
[[nodiscard]] BootConfig ReadBootConfig(const KernelFiles& root, const KernelFiles& proc,
                                        const KernelFiles& sys);

}  // namespace conntrack::kernel
