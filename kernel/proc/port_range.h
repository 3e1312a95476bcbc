// Ranges of ports.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// Both ends are in it.
struct PortRange {
  std::uint16_t low = 0;
  std::uint16_t high = 0;

  [[nodiscard]] std::uint32_t size() const { return high - low + 1U; }

  friend bool operator==(const PortRange&, const PortRange&) = default;
};

/// \brief  Reads "1024-65535", as rules of NAT write it.
/// Errors:  kMalformed where it is not two ports of 1 to 65535, the lower one first.
[[nodiscard]] Result<PortRange> ParsePortRange(std::string_view text);

/// \brief  Reads the content of ip_local_port_range: "32768\t60999\n".
/// Errors:  as ParsePortRange().
[[nodiscard]] Result<PortRange> ParseLocalPortRange(std::string_view text);

/// \brief  The ports that sockets of this network namespace get where they ask for none.
///
/// Source:  /proc/sys/net/ipv4/ip_local_port_range, every kernel; one of each network namespace
///          since 3.13.
/// Errors:  of the file; kMalformed.
/// Threads and cost: any thread; three system calls.
[[nodiscard]] Result<PortRange> ReadLocalPortRange(const KernelFiles& proc);

}  // namespace conntrack::kernel
