// conntrack_setting.
#pragma once

#include "collectors/collector.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack {

/// \brief  The switches of connection tracking that change what the other figures mean.
/// Source:  /proc/sys/net/netfilter/nf_conntrack_NAME, and net.ipv4.tcp_syncookies. Those that this
///          kernel does not have are no omissions. nf_log_all_netns and nf_hooks_lwtunnel beside them
///          are of netfilter's log and hooks, and there without connection tracking.
/// Units:   as the sysctl: a switch, or a number (log_invalid: protocol, tcp_max_retrans: packets).
/// Errors:  kAbsent where not one of them can be read. One that cannot be read is omitted by name.
/// Threads and cost: any thread; three system calls a setting.
class SettingsCollector final : public Collector {
 public:
  explicit SettingsCollector(kernel::KernelFiles proc) : proc_(std::move(proc)) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  kernel::KernelFiles proc_;
};

[[nodiscard]] CatalogueEntry SettingsEntry();

}  // namespace conntrack
