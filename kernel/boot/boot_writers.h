// Programs that write conntrack sysctls at each start, beside systemd-sysctl and modprobe.
#pragma once

#include <string>
#include <vector>

#include "kernel/boot/root_files.h"
#include "kernel/boot/sysctl_config.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

struct BootWriter {
  std::string manager = {};  ///< "ufw", "tuned", "kube-proxy", "rc.local", "cron", ...
  std::vector<SysctlAssignment> assignments = {};  ///< Of conntrack's keys, in their order.
  std::vector<BootDoubt> doubts = {};
  /// Applies the files of /etc/sysctl.d and /run/sysctl.d, and /etc/sysctl.conf, after its own.
  bool reapplies_sysctl_files = false;
  /// Loads connection tracking before it writes. Others write nothing if it is not loaded by then.
  bool loads_module = false;
  /// Why it is unknown whether an assignment that is `at_least` lowers a larger value; empty if it
  /// does not.
  std::string may_lower = {};
};

/// \brief  What writes conntrack sysctls at each start, in the order in which they act: all after
///         the module is loaded and after systemd-sysctl.
/// Source:  the files of ufw and tuned; kube-proxy's flags and configuration (pkg/proxy/conntrack
///          in Kubernetes); scripts and units that mention the sysctls.
/// Errors:  none; what cannot be read is a doubt.
/// Threads and cost: any thread; some hundreds of system calls and those of FindProcesses().
[[nodiscard]] std::vector<BootWriter> ReadBootWriters(const KernelFiles& root,
                                                      const KernelFiles& proc,
                                                      const KernelFiles& sys);

}  // namespace conntrack::kernel
