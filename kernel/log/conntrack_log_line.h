// Messages of connection tracking in the kernel log.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace conntrack::kernel {

enum class ConntrackLogKind {
  kTableFull,             ///< A packet was dropped because the table is full.
  kExpectationTableFull,  ///< An expectation was refused because the table of expectations is full.
  kSuppressed,            ///< The kernel suppressed messages of the network stack, of any kind.
};

struct ConntrackLogLine {
  ConntrackLogKind kind = ConntrackLogKind::kTableFull;
  std::optional<std::uint64_t> netns_inode;  ///< Network namespace, if the kernel names it.
  std::uint64_t suppressed = 0;              ///< Number of messages, for kSuppressed.

  friend bool operator==(const ConntrackLogLine&, const ConntrackLogLine&) = default;
};

/// \brief  Matches a line of the kernel log; std::nullopt if it is not from connection tracking.
///         The whole line must match, so that quoted lines do not.
/// Source:  __nf_conntrack_alloc(), nf_ct_expect_alloc() and ___ratelimit(), in every wording:
///            ip_conntrack: table full, dropping packet.                    2.4, early 2.6
///            ip_conntrack: VPS 123 table full, dropping packet.            OpenVZ
///            nf_conntrack: table full, dropping packet.                    2.6.32
///            nf_conntrack: table full, dropping packet                     3.10, 4.4
///            nf_conntrack: nf_conntrack: table full, dropping packet       4.9 and later
///            ... table full in netns 4026532315, dropping packet           6.17 and later
///            nf_conntrack: expectation table full                          all
///            net_ratelimit: 123 callbacks suppressed                       (__ratelimit: 2.6)
///          The number after "netns" is the inode of /proc/PID/ns/net. The host's is never named.
/// Units:   at most 10 lines in 5 seconds, shared by all messages of the network stack.
[[nodiscard]] std::optional<ConntrackLogLine> MatchConntrackLog(std::string_view text);

}  // namespace conntrack::kernel
