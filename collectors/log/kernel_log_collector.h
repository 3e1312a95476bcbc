// conntrack_kernel_log_*: messages of the kernel about a full table.
#pragma once

#include <cstdint>
#include <optional>

#include "collectors/collector.h"
#include "collectors/log/kernel_log_watcher.h"
#include "kernel/log/kmsg.h"

namespace conntrack {

struct KernelLogReading {
  /// Seconds since the last line about a full table, written before or after the exporter started.
  std::optional<std::uint64_t> table_full_age_seconds;
};

/// \brief  Lines of connection tracking in the kernel log, and the time of the last one.
/// Source:  /dev/kmsg of the host: lines of all network namespaces. Since 6.17 the kernel names the
///          namespace.
/// Units:   lines since the exporter started. This is a lower bound: the kernel writes at most 10
///          in 5 seconds. Earlier lines only set the time of the last one.
/// Errors:  those of opening the device: kAbsent, kDenied.
/// Threads and cost: any thread; one system call, and one per new line of the log.
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
