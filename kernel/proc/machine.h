// CPUs, kernel release and memory of the machine.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>
#include <vector>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  Parses "0-3,5,8-9" into ascending CPU numbers. An empty list is valid.
/// Errors:  kMalformed, with the text, for anything else.
[[nodiscard]] Result<std::vector<std::uint32_t>> ParseCpuList(std::string_view text);

/// CPUs that the kernel reserves memory for (possible), and CPUs that are plugged in (present). A
/// virtual machine with 4 CPUs may have 128 possible ones. Counters of CPUs that are not present
/// stay the same.
struct CpuTopology {
  std::vector<std::uint32_t> possible;
  std::vector<std::uint32_t> present;
};

/// Source:  /sys/devices/system/cpu/possible and present, all kernels since 2.6.
/// Errors:  see KernelFiles::Read() and ParseCpuList().
[[nodiscard]] Result<CpuTopology> ReadCpuTopology(const KernelFiles& sys);

/// The first two numbers of a kernel release: 5.15 of "5.15.0-119-generic". Distributions backport
/// changes, so a release only shows what a kernel is likely to do.
struct KernelRelease {
  unsigned major = 0;
  unsigned minor = 0;

  // clang-tidy sees a comparison with literal 0 in the generated code.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const KernelRelease&, const KernelRelease&) = default;
};

/// Since this release, all network namespaces of a host share one hash table.
inline constexpr KernelRelease kOneHashTable{4, 7};

/// Errors:  kMalformed, with the text, if it does not begin with two numbers.
[[nodiscard]] Result<KernelRelease> ParseKernelRelease(std::string_view text);

/// Source:  /proc/sys/kernel/osrelease, all kernels.
/// Errors:  see KernelFiles::Read() and ParseKernelRelease().
[[nodiscard]] Result<KernelRelease> ReadKernelRelease(const KernelFiles& proc);

/// \brief  Returns MemTotal, in bytes, from the text of /proc/meminfo.
/// Errors:  kMalformed if there is no such line.
[[nodiscard]] Result<std::uint64_t> ParseMemTotal(std::string_view text);

/// \brief  Returns the memory of the machine, in bytes.
/// Source:  MemTotal in /proc/meminfo, all kernels.
/// Errors:  see KernelFiles::Read() and ParseMemTotal().
[[nodiscard]] Result<std::uint64_t> ReadMemTotal(const KernelFiles& proc);

}  // namespace conntrack::kernel
