// Which kernel this is.
#pragma once

#include <compare>
#include <string_view>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// The first two numbers of a kernel's release: "5.15.0-119-generic" is 5.15. Distributions carry
/// changes back, so a release says what a kernel is likely to do, not what it does.
struct KernelRelease {
  unsigned major = 0;
  unsigned minor = 0;

  // What the compiler makes of it compares with a literal 0.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const KernelRelease&, const KernelRelease&) = default;
};

/// Errors:  kMalformed, with the text, where it does not begin with two numbers.
[[nodiscard]] Result<KernelRelease> ParseKernelRelease(std::string_view text);

/// \brief  The release of the running kernel.
/// Source:  /proc/sys/kernel/osrelease, all kernels.
/// Errors:  as KernelFiles::Read and ParseKernelRelease.
[[nodiscard]] Result<KernelRelease> ReadKernelRelease(const KernelFiles& proc);

}  // namespace conntrack::kernel
