// conntrack_setting.
#pragma once

#include "collectors/collector.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack {

/// \brief  Switches of connection tracking that change the meaning of other values.
/// Source:  /proc/sys/net/netfilter/nf_conntrack_NAME, and net.ipv4.tcp_syncookies. Sysctls that
///          this kernel does not have are not omissions. nf_log_all_netns and nf_hooks_lwtunnel are
///          in the same folder, but are not settings of connection tracking.
/// Units:   as the sysctl: a switch, or a number (log_invalid: protocol, tcp_max_retrans: packets).
/// Errors:  kAbsent if none of them can be read. A sysctl that cannot be read is omitted by name.
/// Threads and cost: any thread; three system calls per setting.
class SettingsCollector final : public Collector {
 public:
  explicit SettingsCollector(kernel::KernelFiles proc) : proc_(std::move(proc)) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  kernel::KernelFiles proc_;
};

[[nodiscard]] CatalogueEntry SettingsEntry();

}  // namespace conntrack
