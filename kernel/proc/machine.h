// The machine: its CPUs, kernel release and memory.
#pragma once

#include <compare>
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

/// Source:  /sys/devices/system/cpu/possible and present, all kernels since 2.6.
/// Errors:  as KernelFiles::Read and ParseCpuList.
[[nodiscard]] Result<CpuTopology> ReadCpuTopology(const KernelFiles& sys);

/// The first two numbers of a kernel's release: 5.15 of "5.15.0-119-generic". Distributions
/// backport, so it says what a kernel is likely to do.
struct KernelRelease {
  unsigned major = 0;
  unsigned minor = 0;

  // What the compiler makes of it compares with a literal 0.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const KernelRelease&, const KernelRelease&) = default;
};

/// Since then all network namespaces of a host share one hash table.
inline constexpr KernelRelease kOneHashTable{4, 7};

/// Errors:  kMalformed, with the text, if it does not begin with two numbers.
[[nodiscard]] Result<KernelRelease> ParseKernelRelease(std::string_view text);

/// Source:  /proc/sys/kernel/osrelease, all kernels.
/// Errors:  as KernelFiles::Read and ParseKernelRelease.
[[nodiscard]] Result<KernelRelease> ReadKernelRelease(const KernelFiles& proc);

/// \brief  MemTotal, in bytes, from the text of /proc/meminfo.
/// Errors:  kMalformed if there is no such line.
[[nodiscard]] Result<std::uint64_t> ParseMemTotal(std::string_view text);

/// \brief  The memory of the machine, in bytes.
/// Source:  MemTotal in /proc/meminfo, all kernels.
/// Errors:  as KernelFiles::Read and ParseMemTotal.
[[nodiscard]] Result<std::uint64_t> ReadMemTotal(const KernelFiles& proc);

}  // namespace conntrack::kernel
