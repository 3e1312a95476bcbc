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

/// What a text that is not carried out says about the sysctls of connection tracking.
struct ScriptMention {
  std::size_t line = 0;                    ///< The first line that names one.
  std::vector<std::string> settings = {};  ///< As "nf_conntrack_max", sorted.
  bool any = false;                        ///< It may set others too: a pattern or a variable.
  bool applies_files = false;              ///< It calls `sysctl --system`, `sysctl -p` or the like.
};

/// What a text is.
enum class MentionIn {
  kScript,    ///< It sets sysctls only where it mentions sysctl, /proc/sys or hashsize.
  kUnit,      ///< Likewise, in the commands and variables of a unit of systemd.
  kSettings,  ///< Every line sets one, as in sysctl.d.
};

/// \brief  Finds sysctls of connection tracking in a text that may write sysctls. Old names
///         (ip_conntrack_*) become the present ones, hashsize becomes nf_conntrack_buckets.
///         Comments (lines that begin with `#` or `;`) do not count.
/// Errors:  nothing if there are none.
[[nodiscard]] std::optional<ScriptMention> FindMention(std::string_view text,
                                                       MentionIn in = MentionIn::kScript);

/// \brief  A doubt for each script, unit or job of the host that may set sysctls at boot, and for
///         each file that these name: rc.local, init.d, systemd, tmpfiles.d, cron, cloud-init,
///         ifupdown, NetworkManager, networkd-dispatcher, hooks of ufw and libvirt.
/// Errors:  a file that may not be read is a doubt about any setting. Files of cron, cloud-init and
///          ifupdown are skipped instead: they are often private.
/// Threads and cost: any thread; some 10 us for each file, some hundreds with systemd.
[[nodiscard]] std::vector<BootWriter> ReadBootScripts(const KernelFiles& root);

}  // namespace conntrack::kernel
