// Metrics of the exporter's own process.
#pragma once

#include <vector>

#include "collectors/metric.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::exporter {

/// \brief  Returns process_*, as in all Prometheus client libraries, and
/// conntrack_exporter_build_info. A figure that cannot be read is left out.
/// Source:  self/stat, self/limits, self/fd and stat in `proc`, which is always the real /proc.
/// Threads and cost: any thread; about 15 system calls.
[[nodiscard]] std::vector<Family> ProcessFamilies(const kernel::KernelFiles& proc);

}  // namespace conntrack::exporter
