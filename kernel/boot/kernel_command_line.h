// The kernel command line, as far as it configures connection tracking.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernel/boot/sysctl_config.h"

namespace conntrack::kernel {

inline constexpr const char* kCommandLine = "/proc/cmdline";

struct KernelCommandLine {
  std::vector<SysctlAssignment> sysctls;    ///< `sysctl.net.netfilter.x=1`, in order.
  std::vector<std::string> options;         ///< `hashsize=N` from `nf_conntrack.hashsize=N`.
  std::vector<std::string> modules;         ///< `modules_load=a,b`.
  std::vector<std::string> initrd_modules;  ///< `rd.modules_load=a,b`, if the initramfs has them.
  std::vector<std::string> deny_listed;     ///< `modprobe.blacklist=a,b`: not loaded by name.
  std::vector<std::string> forbidden;       ///< `module_blacklist=a,b`: the kernel loads none.
};

/// \brief  Parses /proc/cmdline.
/// Source:  do_sysctl_args() in fs/proc/proc_sysctl.c (since 5.8), next_arg() in lib/cmdline.c,
///          parse_proc_cmdline_item() in systemd's src/modules-load/modules-load.c, and
///          kmod_config_parse_kcmdline() in libkmod. Module names have underscores.
[[nodiscard]] KernelCommandLine ParseKernelCommandLine(std::string_view text);

}  // namespace conntrack::kernel
