// One entry of the connection tracking table, as far as it is counted.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace conntrack::kernel {

/// An address as it stands in a packet; one of IPv4 fills the first four bytes, zeros follow.
using Address = std::array<std::uint8_t, 16>;

/// What tells the packets of one direction. Ports are 0 for protocols that have none, and the two
/// keys for GRE.
struct FlowTuple {
  Address source{};
  Address destination{};
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;

  friend bool operator==(const FlowTuple&, const FlowTuple&) = default;
};

/// A flow as every source of flows delivers it. Numbers are the kernel's own; flow_names.h has the
/// words for them.
struct Flow {
  std::uint8_t family = 0;    ///< AF_INET or AF_INET6.
  std::uint8_t protocol = 0;  ///< IPPROTO_*.
  /// State of TCP, SCTP or DCCP (enum tcp_conntrack and its likes). Absent for all others, and for
  /// offloaded flows, whose state the kernel no longer follows.
  std::optional<std::uint8_t> state;
  std::uint32_t status = 0;              ///< IPS_* bits (enum ip_conntrack_status).
  std::optional<std::uint32_t> timeout;  ///< Seconds left. Absent for offloaded flows.
  std::uint16_t zone = 0;                ///< Zone of the original direction; 0 where none is set.
  /// Zone of the reply direction: that in which NAT looks for a free port.
  std::uint16_t reply_zone = 0;
  FlowTuple original{};  ///< As the first packet came in, before any translation.
  FlowTuple reply{};     ///< As answers come in: its destination is the address after SNAT.

  friend bool operator==(const Flow&, const Flow&) = default;
};

}  // namespace conntrack::kernel
