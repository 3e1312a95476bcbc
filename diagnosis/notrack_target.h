// Targets of NOTRACK rules.
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

/// The packets of a protocol, of one of its ports, or of a network, in both directions.
struct NotrackTarget {
  std::uint8_t protocol = 0;             ///< IPPROTO_*; 0: any.
  std::uint16_t port = 0;                ///< Source or destination; 0: any.
  std::optional<AddressPrefix> network;  ///< Source or destination; protocol and port are then 0.

  friend bool operator==(const NotrackTarget&, const NotrackTarget&) = default;
};

/// Returns "udp/53", "ospf" or "10.0.0.0/8"; the name in KnownTargets() if there is one.
[[nodiscard]] std::string ToString(const NotrackTarget& target);

/// Returns "tcp", "udp" or "sctp"; the number, such as "89", for a protocol without ports.
[[nodiscard]] std::string ProtocolOf(const NotrackTarget& target);

/// \brief  Parses the output of ToString().
/// Errors:  kMalformed, with the text and the accepted forms.
[[nodiscard]] Result<NotrackTarget> ParseNotrackTarget(std::string_view text);

struct NamedTarget {
  std::string_view name;
  NotrackTarget target;
};

/// Returns the routing and tunnel protocols, which routers and nodes often need not track.
[[nodiscard]] std::span<const NamedTarget> KnownTargets();

/// Returns whether rules for the target match packets of this flow, in either direction.
[[nodiscard]] bool Concerns(const NotrackTarget& target, const kernel::Flow& flow);

}  // namespace conntrack
