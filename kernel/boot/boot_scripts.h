// Scripts, units and jobs that set sysctls at each start.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/boot/boot_writers.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

/// What a script says of the sysctls of connection tracking. It is not carried out.
struct ScriptMention {
  std::size_t line = 0;                    ///< The first one that does.
  std::vector<std::string> settings = {};  ///< As "nf_conntrack_max", sorted.
  bool any = false;                        ///< Others as well: a pattern or a variable.
  bool applies_files = false;              ///< It calls `sysctl --system`, `sysctl -p` or the like.

  friend bool operator==(const ScriptMention&, const ScriptMention&) = default;
};

/// \brief  Finds sysctls of connection tracking in a text that may write sysctls. Old names
///         (ip_conntrack_*) are told by their present ones, hashsize as nf_conntrack_buckets.
/// Errors:  nothing if there are none. Comments (`#`, `;` in front) do not count.
[[nodiscard]] std::optional<ScriptMention> FindMention(std::string_view text);

/// \brief  A text of the host of at most 64 KiB.
/// Errors:  as RootFiles::Read; kMalformed if it is larger.
[[nodiscard]] Result<std::string> ReadScript(const KernelFiles& root, std::string_view path);

/// \brief  Doubts for each script, unit or job of the host that may set sysctls at boot: rc.local,
///         init.d, local.d, units of systemd and the scripts that those in /etc start, tmpfiles.d,
///         cron, cloud-init, ifupdown, NetworkManager, networkd-dispatcher, hooks of libvirt.
/// Errors:  what may not be read is a doubt of any setting, but for cron, cloud-init and ifupdown,
///          the files of which are often private.
/// Threads and cost: any thread; some 10 us for each file, some hundreds with systemd.
[[nodiscard]] std::vector<BootWriter> ReadBootScripts(const KernelFiles& root);

}  // namespace conntrack::kernel
