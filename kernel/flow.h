// A flow of the connection tracking table, and the kernel's names for its protocol, state and
// status.
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

/// One direction of a flow. Ports are 0 for protocols without ports. For GRE they are the keys.
struct FlowTuple {
  Address source{};
  Address destination{};
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;

  friend bool operator==(const FlowTuple&, const FlowTuple&) = default;
};

/// A flow as every source delivers it, with the kernel's numeric values.
struct Flow {
  std::uint8_t family = 0;    ///< AF_INET or AF_INET6.
  std::uint8_t protocol = 0;  ///< IPPROTO_*.
  /// State of TCP, SCTP or DCCP (enum tcp_conntrack and so on). Absent for other protocols, and for
  /// offloaded flows, whose state the kernel does not track.
  std::optional<std::uint8_t> state;
  std::uint32_t status = 0;              ///< IPS_* bits (enum ip_conntrack_status).
  std::optional<std::uint32_t> timeout;  ///< Seconds left. Absent for offloaded flows.
  std::uint16_t zone = 0;                ///< Zone of the original direction; 0 if none is set.
  std::uint16_t reply_zone = 0;  ///< Zone of the reply direction, where NAT looks for a free port.
  FlowTuple original{};          ///< Before NAT.
  FlowTuple reply{};             ///< Its destination is the address after SNAT.

  friend bool operator==(const Flow&, const Flow&) = default;
};

/// Address families that are counted. No current kernel tracks "other".
inline constexpr std::array<std::string_view, 3> kFamilyNames = {"ipv4", "ipv6", "other"};

/// Returns the index of the flow's family in kFamilyNames.
[[nodiscard]] std::size_t FamilyIndex(const Flow& flow);

/// Returns the name that conntrack(8) prints ("tcp", "icmpv6"), or the number ("253") if it prints
/// "unknown".
[[nodiscard]] std::string ProtocolName(std::uint8_t protocol);

/// Number of protocols for which IsTracked() returns true.
inline constexpr std::size_t kTrackedProtocols = 12;

/// Returns true if Linux has a tracker for the protocol (TCP, UDP, UDP-Lite, ICMP, ICMPv6, SCTP,
/// DCCP, GRE), or if routers commonly forward it (ESP, AH, OSPF, IGMP). Any host can send packets
/// of the other protocols.
[[nodiscard]] bool IsTracked(std::uint8_t protocol);

/// Returns true for protocols with ports: TCP, UDP, UDP-Lite, SCTP and DCCP.
[[nodiscard]] bool HasPorts(std::uint8_t protocol);

/// \brief  Returns the states by which flows of a protocol are counted. Each flow is in exactly
///         one.
/// Source:  TCP and SCTP: the kernel's names, and UNKNOWN for other values; TCP also has OFFLOAD,
///          for flows that a flowtable forwards. All others: UNREPLIED, REPLIED, ASSURED.
[[nodiscard]] std::span<const std::string_view> StateNames(std::uint8_t protocol);

/// Maximum number of states of a protocol.
inline constexpr std::size_t kMaxStates = 12;

/// Returns the index of the flow's state in StateNames() of its protocol.
[[nodiscard]] std::size_t StateIndex(const Flow& flow);

/// A property of a flow besides its state. A flow may have several.
struct StatusName {
  std::string_view name;
  unsigned bit;   ///< IPS_*_BIT
  bool when_set;  ///< false: the flow has the property if the bit is clear
};

/// Returns the status bits worth counting, named as in conntrack(8). Left out are bits that are set
/// on every dumped flow or on none, and bits without meaning (NAT *_DONE).
[[nodiscard]] std::span<const StatusName> StatusNames();

}  // namespace conntrack::kernel
