// The kernel's command line, as far as it configures connection tracking.
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

/// \brief  Parses /proc/cmdline.
/// Source:  do_sysctl_args() in fs/proc/proc_sysctl.c (since 5.8), next_arg() in lib/cmdline.c, and
///          parse_proc_cmdline_item() in systemd's src/modules-load/modules-load.c.
[[nodiscard]] KernelCommandLine ParseKernelCommandLine(std::string_view text);

}  // namespace conntrack::kernel
