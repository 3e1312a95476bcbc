// Sysctls below /proc/sys/net.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// The folder of the conntrack sysctls below the proc root. It shows the network namespace of the
/// reader.
inline constexpr std::string_view kSysctlFolder = "sys/net/netfilter";

/// \brief  Reads a conntrack sysctl by its name: "nf_conntrack_max".
/// Source:  /proc/sys/net/netfilter/NAME. Count, timeouts and acct belong to the network namespace
///          of the reader; limit, buckets and expectation limit to the whole host.
/// Errors:  kAbsent if the module is not loaded or the kernel lacks the sysctl. kMalformed if the
///          value does not fit an unsigned 32-bit number: nf_conntrack_max reads -1 after -1 was
///          written, and the kernel uses 4294967295 as the limit then.
/// Threads and cost: any thread; three system calls.
[[nodiscard]] Result<std::int64_t> ReadSysctl(const KernelFiles& proc, std::string_view name);

/// A range of ports, both ends included.
struct PortRange {
  std::uint16_t low = 0;
  std::uint16_t high = 0;

  [[nodiscard]] std::uint32_t size() const { return high - low + 1U; }

  friend bool operator==(const PortRange&, const PortRange&) = default;
};

/// \brief  Parses "1024-65535", the notation of NAT rules.
/// Errors:  kMalformed unless it is two ports from 1 to 65535, the lower one first.
[[nodiscard]] Result<PortRange> ParsePortRange(std::string_view text);

/// \brief  Parses the content of ip_local_port_range: "32768\t60999\n".
/// Errors:  see ParsePortRange().
[[nodiscard]] Result<PortRange> ParseLocalPortRange(std::string_view text);

/// \brief  Returns the ephemeral ports of this network namespace.
/// Source:  /proc/sys/net/ipv4/ip_local_port_range, all kernels; per network namespace since 3.13.
/// Errors:  those of reading the file; kMalformed.
[[nodiscard]] Result<PortRange> ReadLocalPortRange(const KernelFiles& proc);

}  // namespace conntrack::kernel
