// The sysctls of connection tracking.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// The folder of the sysctls, below the proc root. It shows the network namespace of the process
/// that reads.
inline constexpr std::string_view kSysctlFolder = "sys/net/netfilter";

/// The remedy where there are no sysctls of connection tracking at all.
inline constexpr const char* kLoadConntrackRemedy =
    "load connection tracking: modprobe nf_conntrack";

/// \brief  One sysctl of connection tracking by its name in the kernel: "nf_conntrack_max".
///
/// Source:  /proc/sys/net/netfilter/NAME (nf_conntrack_standalone.c). Which names exist depends on
///          version, kernel options and namespace. The count, the timeouts and acct are those of
///          the reader's network namespace; the limit, the buckets and the expectation limit are
///          one value for the whole host.
/// Units:   entries, buckets, seconds or a switch, as the name says; current value.
/// Errors:  kAbsent, with the remedy, where the module is not loaded or the kernel does not have
///          this one.
/// Threads and cost: any thread; three system calls.
[[nodiscard]] Result<std::int64_t> ReadSysctl(const KernelFiles& proc, std::string_view name);

}  // namespace conntrack::kernel
