// The kernel's command line, as far as it sets connection tracking up.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conntrack::kernel {

struct KernelCommandLine {
  struct Sysctl {
    std::string key;  ///< As a path below /proc/sys.
    std::string value;

    friend bool operator==(const Sysctl&, const Sysctl&) = default;
  };

  std::vector<Sysctl> sysctls;           ///< `sysctl.net.netfilter.x=1`, in their order.
  std::optional<std::string> hash_size;  ///< `nf_conntrack.hashsize=N`, the last one.
  std::vector<std::string> modules;      ///< `modules_load=a,b`.
};

/// \brief  Reads /proc/cmdline.
/// Source:  do_sysctl_args() in fs/proc/proc_sysctl.c (since 5.8) once all that is built in is
///          there, and next_arg() in lib/cmdline.c for quotes and "--"; parse_proc_cmdline_item()
///          in systemd's src/modules-load/modules-load.c. Parameters of modules are taken by the
///          kernel where the module is built in, by kmod where it is loaded.
/// Threads and cost: pure.
[[nodiscard]] KernelCommandLine ParseKernelCommandLine(std::string_view text);

}  // namespace conntrack::kernel
