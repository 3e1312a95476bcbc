// The kernel's words for what a flow is.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "kernel/flow.h"

namespace conntrack::kernel {

/// Address families as they are counted: "ipv4", "ipv6", and "other" for what no kernel tracks
/// today.
inline constexpr std::array<std::string_view, 3> kFamilyNames = {"ipv4", "ipv6", "other"};

/// The index of the flow's family in kFamilyNames.
[[nodiscard]] std::size_t FamilyIndex(const Flow& flow);

/// The name that conntrack(8) prints ("tcp", "icmpv6"), or the number ("253") where it prints
/// "unknown".
[[nodiscard]] std::string ProtocolName(std::uint8_t protocol);

/// Whether the ports of the protocol's tuples are ports: TCP, UDP, UDP-Lite, SCTP and DCCP. Those
/// of GRE are keys, and all others have none.
[[nodiscard]] bool HasPorts(std::uint8_t protocol);

/// \brief  The states in which flows of a protocol are counted; each flow is in exactly one.
/// Source:  TCP and SCTP: the kernel's state names (nf_conntrack_tcp.h, nf_conntrack_sctp.h), then
///          UNKNOWN for a number that this version does not know or a state that the kernel did not
///          send, and OFFLOAD for TCP that a flowtable forwards. All others have no state in the
///          kernel, only whether traffic was seen both ways: UNREPLIED, REPLIED, ASSURED.
[[nodiscard]] std::span<const std::string_view> StateNames(std::uint8_t protocol);

/// The most states that a protocol has.
inline constexpr std::size_t kMaxStates = 12;

/// The index of the flow's state in StateNames() of its protocol.
[[nodiscard]] std::size_t StateIndex(const Flow& flow);

/// A property that a flow may have beside its state; not exclusive.
struct StatusName {
  std::string_view name;
  unsigned bit;   ///< IPS_*_BIT
  bool when_set;  ///< false: the flow has the property where the bit is not set
};

/// \brief  The status bits worth counting, by the words of conntrack(8) where it has one. Left out:
/// SEEN_REPLY (unreplied is its complement), CONFIRMED (every flow of a dump is), the NAT *_DONE
/// bits (set even where nothing is translated), TEMPLATE and NAT_CLASH (never in a dump).
[[nodiscard]] std::span<const StatusName> StatusNames();

}  // namespace conntrack::kernel
