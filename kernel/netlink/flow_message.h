// Decoding of flows in a ctnetlink dump, and of flow events.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kernel/flow.h"
#include "kernel/netlink/netlink_message.h"

namespace conntrack::kernel {

/// \brief  Decodes the flow in the payload of an IPCTNL_MSG_CT_GET message. Returns std::nullopt if
///         the message is cut off, or has no protocol or no status.
/// Source:  ctnetlink_fill_info() in nf_conntrack_netlink.c; attributes come in any order.
///          CTA_TIMEOUT and CTA_PROTOINFO are absent for offloaded flows since 5.4. A zone of one
///          direction is in its tuple, not in CTA_ZONE.
/// Threads and cost: pure, no allocation; some tens of nanoseconds.
[[nodiscard]] std::optional<Flow> DecodeFlow(Bytes payload);

enum class FlowEventKind : std::uint8_t { kNew, kUpdate, kDestroy };

/// Names of the kinds, by number.
inline constexpr std::array<std::string_view, 3> kFlowEventNames = {"new", "update", "destroy"};

/// A change of an entry of the table.
struct FlowEvent {
  FlowEventKind kind = FlowEventKind::kNew;
  std::uint8_t protocol = 0;           ///< IPPROTO_* of the original direction.
  std::optional<std::uint64_t> start;  ///< In ns since 1970; with nf_conntrack_timestamp=1.
  std::optional<std::uint64_t> stop;   ///< If destroyed: when it ended, not when it was removed.

  friend bool operator==(const FlowEvent&, const FlowEvent&) = default;
};

/// \brief  Decodes the event in one message, which begins at its nlmsghdr. Returns std::nullopt if
///         it is not a flow event, is cut off, or has no protocol.
/// Source:  ctnetlink_conntrack_event() in nf_conntrack_netlink.c; NLM_F_CREATE marks new entries.
///          Not decoded with libnetfilter_conntrack: version 1.0.9 calls exit() for attributes of
///          unexpected size.
/// Threads and cost: pure, no allocation; some tens of nanoseconds.
[[nodiscard]] std::optional<FlowEvent> DecodeFlowEvent(Bytes message);

/// \brief  Calls `visit(event)` for each event of a datagram. Returns the number of skipped
///         messages. Current kernels send one event per datagram, but this code does not rely on
///         it.
template <class Visit>
[[nodiscard]] std::uint64_t ForEachFlowEvent(Bytes datagram, Visit&& visit) {
  std::uint64_t skipped = 0;
  while (const auto message = TakeMessage(datagram)) {
    if (const auto event = DecodeFlowEvent(message->bytes)) [[likely]] {
      visit(*event);
    } else {
      ++skipped;
    }
  }
  if (!datagram.empty()) ++skipped;  // a header or a message is cut off
  return skipped;
}

}  // namespace conntrack::kernel
