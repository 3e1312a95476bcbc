// Programs other than systemd-sysctl and modprobe that write conntrack sysctls at each boot.
#pragma once

#include <string>
#include <vector>

#include "kernel/boot/root_files.h"
#include "kernel/boot/sysctl_config.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

struct BootWriter {
  std::string manager = {};  ///< "ufw", "tuned", "kube-proxy", "rc.local", "cron", ...
  std::vector<SysctlAssignment> assignments = {};  ///< Conntrack keys only, in order.
  std::vector<BootDoubt> doubts = {};
  /// It applies /etc/sysctl.d, /run/sysctl.d and /etc/sysctl.conf after its own settings.
  bool reapplies_sysctl_files = false;
  /// It loads connection tracking before it writes. Other programs write nothing if it is not
  /// loaded.
  bool loads_module = false;
  /// Why it is unknown whether an `at_least` assignment lowers a larger value; empty if it does
  /// not.
  std::string may_lower = {};
};

/// \brief  Returns the programs that write conntrack sysctls at each boot, in the order in which
///         they run: all after the module is loaded and after systemd-sysctl.
/// Source:  the files of ufw and tuned; kube-proxy's flags and configuration (pkg/proxy/conntrack
///          in Kubernetes); scripts and units that mention the sysctls.
/// Errors:  none; a file that cannot be read is a doubt.
/// Threads and cost: any thread; some hundred system calls, and those of FindProcesses().
[[nodiscard]] std::vector<BootWriter> ReadBootWriters(const KernelFiles& root,
                                                      const KernelFiles& proc,
                                                      const KernelFiles& sys);

}  // namespace conntrack::kernel
