// conntrack_setting_persisted and conntrack_setting_drift*.
#pragma once

#include <chrono>
#include <vector>

#include "collectors/collector.h"
#include "kernel/boot/persistence.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack {

/// \brief  Compares the values that the boot files set at the next boot with the running ones.
/// Source:  see kernel/boot/persistence.h.
/// Units:   as the sysctl.
/// Errors:  kAbsent if connection tracking is not loaded, or if there are no boot files of the
///          host. Omissions name, with file and line: files that cannot be read, lines that set
///          invalid values, and whatever makes it unknown whether settings drift.
/// Threads and cost: any thread; some thousand system calls, so it reads once a minute.
class PersistenceCollector final : public Collector {
 public:
  /// Maximum age of a reading.
  static constexpr std::chrono::seconds kMaxAge{60};

  PersistenceCollector(kernel::KernelFiles root, kernel::KernelFiles proc, kernel::KernelFiles sys)
      : root_(std::move(root)), proc_(std::move(proc)), sys_(std::move(sys)) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  kernel::KernelFiles root_;
  kernel::KernelFiles proc_;
  kernel::KernelFiles sys_;
};

/// Returns why the drift of settings is unknown: one omission per reason, with its file and line.
[[nodiscard]] std::vector<Omission> UnknownDriftOf(const kernel::PersistenceReport& report);

[[nodiscard]] CatalogueEntry PersistenceEntry();

}  // namespace conntrack
