// Decoding the flows of a ctnetlink dump, and the events of flows.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kernel/flow.h"
#include "kernel/netlink/netlink_message.h"

namespace conntrack::kernel {

/// \brief  The flow in the payload of a message of IPCTNL_MSG_CT_GET.
/// Source:  ctnetlink_fill_info() in nf_conntrack_netlink.c; attributes in any order. CTA_TIMEOUT
///          and CTA_PROTOINFO are absent for offloaded flows since 5.4. A zone of one direction is
///          in its tuple, not in CTA_ZONE.
/// Errors:  nothing if the message is cut off, or has no protocol or no status.
/// Threads and cost: pure, no allocation; some tens of nanoseconds.
[[nodiscard]] std::optional<Flow> DecodeFlow(Bytes payload);

enum class FlowEventKind : std::uint8_t { kNew, kUpdate, kDestroy };

/// Their names, by number.
inline constexpr std::array<std::string_view, 3> kFlowEventNames = {"new", "update", "destroy"};

/// A change of an entry of the table.
struct FlowEvent {
  FlowEventKind kind = FlowEventKind::kNew;
  std::uint8_t protocol = 0;           ///< IPPROTO_* of the original direction.
  std::optional<std::uint64_t> start;  ///< Nanoseconds since 1970; with nf_conntrack_timestamp=1.
  std::optional<std::uint64_t> stop;   ///< Once destroyed: when it ended, not when it was removed.

  friend bool operator==(const FlowEvent&, const FlowEvent&) = default;
};

/// \brief  The event in one message, from its nlmsghdr on.
/// Source:  ctnetlink_conntrack_event() in nf_conntrack_netlink.c; NLM_F_CREATE flags new entries.
///          libnetfilter_conntrack 1.0.9 calls exit() for attributes of unexpected size.
/// Errors:  nothing if it is no event of a flow, is cut off, or has no protocol.
/// Threads and cost: pure, no allocation; some tens of nanoseconds.
[[nodiscard]] std::optional<FlowEvent> DecodeFlowEvent(Bytes message);

/// \brief  Calls `visit(event)` for each event of a datagram, and returns how many messages were
/// skipped. The kernel sends one event a datagram today; nothing here relies on it.
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
  if (!datagram.empty()) ++skipped;  // a header or a message that is cut off
  return skipped;
}

}  // namespace conntrack::kernel
