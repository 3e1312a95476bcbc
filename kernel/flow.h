// One entry of the connection tracking table, and the kernel's names for what it is.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace conntrack::kernel {

/// An address in network byte order. IPv4 fills the first four bytes; the rest is zero.
using Address = std::array<std::uint8_t, 16>;

/// One direction of a flow. Ports are 0 for protocols without ports, and the keys for GRE.
struct FlowTuple {
  Address source{};
  Address destination{};
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;

  friend bool operator==(const FlowTuple&, const FlowTuple&) = default;
};

/// A flow as every source delivers it, in the kernel's numbers.
struct Flow {
  std::uint8_t family = 0;    ///< AF_INET or AF_INET6.
  std::uint8_t protocol = 0;  ///< IPPROTO_*.
  /// State of TCP, SCTP or DCCP (enum tcp_conntrack and so on). Absent for all others, and for
  /// offloaded flows, whose state the kernel does not track.
  std::optional<std::uint8_t> state;
  std::uint32_t status = 0;              ///< IPS_* bits (enum ip_conntrack_status).
  std::optional<std::uint32_t> timeout;  ///< Seconds left. Absent for offloaded flows.
  std::uint16_t zone = 0;                ///< Of the original direction; 0 if none is set.
  std::uint16_t reply_zone = 0;  ///< Of the reply direction, where NAT looks for a free port.
  FlowTuple original{};          ///< Before any translation.
  FlowTuple reply{};             ///< Its destination is the address after SNAT.

  friend bool operator==(const Flow&, const Flow&) = default;
};

/// Address families as they are counted. No kernel tracks "other" today.
inline constexpr std::array<std::string_view, 3> kFamilyNames = {"ipv4", "ipv6", "other"};

/// The index of the flow's family in kFamilyNames.
[[nodiscard]] std::size_t FamilyIndex(const Flow& flow);

/// The name that conntrack(8) prints ("tcp", "icmpv6"), or the number ("253") where it prints
/// "unknown".
[[nodiscard]] std::string ProtocolName(std::uint8_t protocol);

/// How many protocols IsTracked() holds for.
inline constexpr std::size_t kTrackedProtocols = 12;

/// Whether Linux tracks the protocol by its own rules (TCP, UDP, UDP-Lite, ICMP, ICMPv6, SCTP, DCCP,
/// GRE), or routers pass it as a matter of course (ESP, AH, OSPF, IGMP). Anybody can send the rest.
[[nodiscard]] bool IsTracked(std::uint8_t protocol);

/// Whether the protocol has ports: TCP, UDP, UDP-Lite, SCTP and DCCP.
[[nodiscard]] bool HasPorts(std::uint8_t protocol);

/// \brief  The states in which flows of a protocol are counted; each flow is in exactly one.
/// Source:  TCP and SCTP: the kernel's names, then UNKNOWN for others, and OFFLOAD for TCP that a
///          flowtable forwards. All others: UNREPLIED, REPLIED, ASSURED.
[[nodiscard]] std::span<const std::string_view> StateNames(std::uint8_t protocol);

/// The most states that a protocol has.
inline constexpr std::size_t kMaxStates = 12;

/// The index of the flow's state in StateNames() of its protocol.
[[nodiscard]] std::size_t StateIndex(const Flow& flow);

/// A property of a flow beside its state; not exclusive.
struct StatusName {
  std::string_view name;
  unsigned bit;   ///< IPS_*_BIT
  bool when_set;  ///< false: the flow has the property if the bit is clear
};

/// The status bits worth counting, named as in conntrack(8). Left out: those set on every dumped
/// flow, on none, or without meaning (NAT *_DONE).
[[nodiscard]] std::span<const StatusName> StatusNames();

}  // namespace conntrack::kernel
