// The exporter's own process.
#pragma once

#include <vector>

#include "collectors/metric.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::exporter {

/// \brief  process_* as every Prometheus client library has them, and
/// conntrack_exporter_build_info. A figure that cannot be read is left out.
/// Source:  self/stat, self/limits, self/fd and stat below `proc`, which is always the real /proc.
/// Threads and cost: any thread; some 15 system calls.
[[nodiscard]] std::vector<Family> ProcessFamilies(const kernel::KernelFiles& proc);

}  // namespace conntrack::exporter
