// Timeouts of a busy server.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace conntrack::exporter::advise {

/// Where to start for one timeout, and what lies below.
struct TimeoutRule {
  std::string_view sysctl;  ///< In /proc/sys/net/netfilter; all kernels have these.
  std::uint64_t seconds;
  std::string_view risk;  ///< What breaks for whom where it is lower.
};

/// \brief  The starting point for a busy server: short where an entry is of no more use, as the
/// kernel has it where peers still retransmit.
[[nodiscard]] std::span<const TimeoutRule> TimeoutRules();

}  // namespace conntrack::exporter::advise
