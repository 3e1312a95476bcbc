// Decoding what ctnetlink tells its listeners.
#pragma once

#include <linux/netlink.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "kernel/netlink/netlink_attribute.h"

namespace conntrack::kernel {

enum class FlowEventKind : std::uint8_t { kNew, kUpdate, kDestroy };

/// The words for them, by their number.
inline constexpr std::array<std::string_view, 3> kFlowEventNames = {"new", "update", "destroy"};

/// Something that happened to an entry of the table.
struct FlowEvent {
  FlowEventKind kind = FlowEventKind::kNew;
  std::uint8_t protocol = 0;           ///< IPPROTO_* of the original direction.
  std::optional<std::uint64_t> start;  ///< Nanoseconds since 1970; with nf_conntrack_timestamp=1.
  std::optional<std::uint64_t> stop;   ///< Once destroyed: when it ended, not when it was removed.

  friend bool operator==(const FlowEvent&, const FlowEvent&) = default;
};

/// \brief  The event in one message, which begins with its nlmsghdr and is as long as that says.
///
/// Source:  ctnetlink_conntrack_event() in nf_conntrack_netlink.c. New entries and changed ones
///          come in the same type of message, the new ones flagged NLM_F_CREATE. Not read by
///          libnetfilter_conntrack, which ends the process where an attribute does not have the
///          size that it expects (exit() in 1.0.9); the tests hold this against it.
/// Errors:  nothing where it is no event of a flow, or cut off, or names no protocol.
/// Threads and cost: pure, no allocation; some tens of nanoseconds.
[[nodiscard]] std::optional<FlowEvent> DecodeFlowEvent(Bytes message);

/// \brief  Calls `visit(event)` for each event of a datagram, and yields how many messages were
/// none. The kernel sends a datagram an event today; nothing here relies on it.
template <class Visit>
[[nodiscard]] std::uint64_t ForEachFlowEvent(Bytes datagram, Visit&& visit) {
  std::uint64_t skipped = 0;
  while (datagram.size() >= sizeof(nlmsghdr)) {
    nlmsghdr header;
    std::memcpy(&header, datagram.data(), sizeof(header));
    if (header.nlmsg_len < sizeof(nlmsghdr) || header.nlmsg_len > datagram.size()) break;
    if (const auto event = DecodeFlowEvent(datagram.first(header.nlmsg_len))) [[likely]] {
      visit(*event);
    } else {
      ++skipped;
    }
    const std::size_t step = NLMSG_ALIGN(header.nlmsg_len);
    datagram = step < datagram.size() ? datagram.subspan(step) : Bytes{};
  }
  if (!datagram.empty()) ++skipped;  // a header or a message that is cut off
  return skipped;
}

}  // namespace conntrack::kernel
