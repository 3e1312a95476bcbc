// What NOTRACK rules can exempt from connection tracking.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "collectors/flows/address_prefix.h"
#include "kernel/flow.h"
#include "kernel/result.h"

namespace conntrack {

/// The packets of a protocol, of one port of it, or of a network, in both directions.
struct NotrackTarget {
  std::uint8_t protocol = 0;             ///< IPPROTO_*; 0: any.
  std::uint16_t port = 0;                ///< Of either end; 0: any.
  std::optional<AddressPrefix> network;  ///< Of either end; then protocol and port are 0.

  friend bool operator==(const NotrackTarget&, const NotrackTarget&) = default;
};

/// "udp/53", "ospf", "10.0.0.0/8"; a name of KnownTargets() where there is one.
[[nodiscard]] std::string ToString(const NotrackTarget& target);

/// "tcp", "udp" or "sctp"; "89" for a protocol without ports.
[[nodiscard]] std::string ProtocolOf(const NotrackTarget& target);

/// \brief  Reads what ToString() writes.
/// Errors:  kMalformed, with the text and what it could be.
[[nodiscard]] Result<NotrackTarget> ParseNotrackTarget(std::string_view text);

struct NamedTarget {
  std::string_view name;
  NotrackTarget target;
};

/// Routing and tunnels, which routers and nodes often have no reason to track.
[[nodiscard]] std::span<const NamedTarget> KnownTargets();

/// Whether rules for the target match packets of this flow, in either direction.
[[nodiscard]] bool Concerns(const NotrackTarget& target, const kernel::Flow& flow);

}  // namespace conntrack
