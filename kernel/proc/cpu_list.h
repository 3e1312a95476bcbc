// Lists of CPUs as sysfs prints them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  Parses "0-3,5,8-9" into ascending CPU numbers.
/// Errors:  kMalformed, with the text, for anything else; an empty list is valid.
[[nodiscard]] Result<std::vector<std::uint32_t>> ParseCpuList(std::string_view text);

/// CPUs that the kernel reserves room for, and those that are plugged in. A virtual machine with 4
/// CPUs may have 128 possible ones; per-CPU counters of CPUs that are not present never move.
struct CpuTopology {
  std::vector<std::uint32_t> possible;
  std::vector<std::uint32_t> present;
};

/// \brief  The possible and the present CPUs of this machine.
/// Source:  /sys/devices/system/cpu/possible and present, all kernels since 2.6.
/// Errors:  as KernelFiles::Read and ParseCpuList.
[[nodiscard]] Result<CpuTopology> ReadCpuTopology(const KernelFiles& sys);

}  // namespace conntrack::kernel
