// conntrack_kernel_log_*: what the kernel says of a full table.
#pragma once

#include <cstdint>
#include <optional>

#include "collectors/collector.h"
#include "collectors/log/kernel_log_watcher.h"
#include "kernel/log/kmsg.h"

namespace conntrack {

struct KernelLogReading {
  /// Since a line of a full table was written last, from before the exporter started or after.
  std::optional<std::uint64_t> table_full_age_seconds;
};

/// \brief  Lines of connection tracking in the kernel's log, and when there was one last.
/// Source:  /dev/kmsg of the host: lines of all network namespaces, which the kernel names since
///          6.17.
/// Units:   lines since the exporter started, a lower bound: the kernel writes at most 10 in 5
///          seconds. Earlier lines only give the time of the last one.
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
