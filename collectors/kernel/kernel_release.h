// The release of the running kernel.
#pragma once

#include <compare>
#include <string_view>

#include "collectors/kernel/result.h"

namespace conntrack::kernel {

/// The two numbers that a kernel's release begins with: 6.1 of "6.1.0-18-amd64".
struct KernelRelease {
  unsigned major = 0;
  unsigned minor = 0;

  friend auto operator<=>(const KernelRelease&, const KernelRelease&) = default;
};

/// \brief  Reads the text of /proc/sys/kernel/osrelease.
/// Errors:  kMalformed where it does not begin with two numbers.
/// Threads and cost: pure.
[[nodiscard]] Result<KernelRelease> ParseKernelRelease(std::string_view text);

}  // namespace conntrack::kernel
