// conntrack_kernel_log_*: what the kernel says of a full table.
#pragma once

#include "collectors/collector.h"
#include "collectors/log/kernel_log_watcher.h"
#include "kernel/log/kmsg.h"

namespace conntrack {

/// \brief  Lines of connection tracking in the kernel's log, and when there was one last.
///
/// Source:  /dev/kmsg, see kernel/log/conntrack_log_line.h for the wordings. The log is that
///          of the host: lines of all network namespaces are counted, and since 6.17 the kernel
///          names the namespace (by inode) where it is not the first one.
/// Units:   lines since the exporter started. The kernel writes at most 10 in 5 seconds, of all
///          messages of the network stack together: a lower bound of what was dropped. What was in
///          the log before the start gives the time of the last line, and is not counted.
/// Errors:  those of opening the device: kAbsent, kDenied.
/// Threads and cost: any thread; one system call, and one for each new line of the log.
class KernelLogCollector final : public Collector {
 public:
  explicit KernelLogCollector(kernel::KmsgReaderFactory open, KernelLogClocks clocks = {})
      : watcher_(std::move(open), std::move(clocks)) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  KernelLogWatcher watcher_;
};

[[nodiscard]] CatalogueEntry KernelLogEntry();

}  // namespace conntrack
