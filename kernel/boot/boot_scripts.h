// Scripts, units and jobs that set sysctls at each boot.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/boot/boot_writers.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

/// What a text that is not executed says about the sysctls of connection tracking.
struct ScriptMention {
  std::size_t line = 0;                    ///< The first line that names one.
  std::vector<std::string> settings = {};  ///< As "nf_conntrack_max", sorted.
  bool any = false;            ///< It may set others too: it has a pattern or a variable.
  bool applies_files = false;  ///< It calls `sysctl --system`, `sysctl -p` or the like.
};

/// The kind of text.
enum class MentionIn {
  kScript,    ///< It sets sysctls only where it mentions sysctl, /proc/sys or hashsize.
  kUnit,      ///< The same, in the commands and variables of a systemd unit.
  kSettings,  ///< Every line sets one, as in sysctl.d.
};

/// \brief  Finds sysctls of connection tracking in a text that may write sysctls; std::nullopt if
///         there are none. Old names (ip_conntrack_*) are returned as the current ones, hashsize as
///         nf_conntrack_buckets. Comments (lines that begin with `#` or `;`) are ignored.
[[nodiscard]] std::optional<ScriptMention> FindMention(std::string_view text,
                                                       MentionIn in = MentionIn::kScript);

/// \brief  Returns a doubt for each script, unit or job of the host that may set sysctls at boot,
///         and for each file that these name: rc.local, init.d, systemd, tmpfiles.d, cron,
///         cloud-init, ifupdown, NetworkManager, networkd-dispatcher, hooks of ufw and libvirt.
/// Errors:  a file that may not be read is a doubt about any setting. Files of cron, cloud-init and
///          ifupdown are skipped instead, because they are often private.
/// Threads and cost: any thread; some 10 us per file, some hundred files with systemd.
[[nodiscard]] std::vector<BootWriter> ReadBootScripts(const KernelFiles& root);

}  // namespace conntrack::kernel
