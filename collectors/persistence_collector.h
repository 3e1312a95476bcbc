// conntrack_setting_persisted and conntrack_setting_drift*.
#pragma once

#include <chrono>
#include <vector>

#include "collectors/collector.h"
#include "kernel/boot/persistence.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack {

/// \brief  What the boot files would set at the next boot, against what runs now.
/// Source:  see kernel/boot/persistence.h.
/// Units:   as the sysctl.
/// Errors:  kAbsent where connection tracking is not loaded, or where there are no boot files of
///          the host. Files that cannot be read, and lines that set nonsense, are omissions which
///          name file and line; so is what makes it unknown whether settings drift.
/// Threads and cost: any thread; some thousands of system calls: read once a minute.
class PersistenceCollector final : public Collector {
 public:
  /// How old figures may be.
  static constexpr std::chrono::seconds kMaxAge{60};

  PersistenceCollector(kernel::KernelFiles root, kernel::KernelFiles proc, kernel::KernelFiles sys)
      : root_(std::move(root)), proc_(std::move(proc)), sys_(std::move(sys)) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  kernel::KernelFiles root_;
  kernel::KernelFiles proc_;
  kernel::KernelFiles sys_;
};

/// Why drift of settings is unknown: one omission for each reason, with its file and line.
[[nodiscard]] std::vector<Omission> UnknownDriftOf(const kernel::PersistenceReport& report);

[[nodiscard]] CatalogueEntry PersistenceEntry();

}  // namespace conntrack
