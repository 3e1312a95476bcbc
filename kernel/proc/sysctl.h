// Sysctls below /proc/sys/net.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// The folder of the conntrack sysctls, below the proc root, in the reader's network namespace.
inline constexpr std::string_view kSysctlFolder = "sys/net/netfilter";

/// \brief  One conntrack sysctl by its name: "nf_conntrack_max".
/// Source:  /proc/sys/net/netfilter/NAME. Count, timeouts and acct are of the reader's network
///          namespace; limit, buckets and expectation limit of the whole host.
/// Errors:  kAbsent if the module is not loaded or the kernel lacks this one. kMalformed for what
///          32 bits without a sign cannot hold: nf_conntrack_max reads -1 where somebody wrote -1,
///          and the kernel then takes 4294967295 for the limit.
/// Threads and cost: any thread; three system calls.
[[nodiscard]] Result<std::int64_t> ReadSysctl(const KernelFiles& proc, std::string_view name);

/// A range of ports, with both ends.
struct PortRange {
  std::uint16_t low = 0;
  std::uint16_t high = 0;

  [[nodiscard]] std::uint32_t size() const { return high - low + 1U; }

  friend bool operator==(const PortRange&, const PortRange&) = default;
};

/// \brief  Parses "1024-65535", as NAT rules write it.
/// Errors:  kMalformed if it is not two ports of 1 to 65535, the lower one first.
[[nodiscard]] Result<PortRange> ParsePortRange(std::string_view text);

/// \brief  Parses the content of ip_local_port_range: "32768\t60999\n".
/// Errors:  as ParsePortRange().
[[nodiscard]] Result<PortRange> ParseLocalPortRange(std::string_view text);

/// \brief  The ephemeral ports of this network namespace.
/// Source:  /proc/sys/net/ipv4/ip_local_port_range, every kernel; per network namespace since 3.13.
/// Errors:  of the file; kMalformed.
[[nodiscard]] Result<PortRange> ReadLocalPortRange(const KernelFiles& proc);

}  // namespace conntrack::kernel
