// Cutting a netlink datagram into messages.
#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernel/netlink/netlink_attribute.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// Which messages are the answer that is waited for.
struct ReplyFilter {
  std::uint32_t port_id = 0;
  std::uint32_t sequence = 0;
  std::uint16_t reply_type = 0;
};

/// What a datagram held beside the messages that were visited.
struct DatagramResult {
  bool done = false;          ///< The answer is complete.
  bool interrupted = false;   ///< The kernel set NLM_F_DUMP_INTR: what it walked changed meanwhile.
  std::uint32_t skipped = 0;  ///< Messages of another sequence, port or type, and cut-off ones.
};

/// The remedy where CAP_NET_ADMIN is missing.
inline constexpr const char* kNetAdminRemedy =
    "give CAP_NET_ADMIN in the user namespace that owns this network namespace: run as root, "
    "AmbientCapabilities= in the systemd unit, or setcap cap_net_admin=ep on the binary";

/// \brief  The end of an answer from an NLMSG_ERROR or NLMSG_DONE message.
/// Source:  nfnetlink answers errors as negative errno, other senders as positive: both are errors,
///          only 0 is an acknowledgement. NLMSG_DONE carries 0 or a negative errno, or nothing.
/// Errors:  the errno, mapped, with the capability that is missing where it is EPERM; kMalformed
///          where it is cut off.
[[nodiscard]] Result<void> ParseFinalMessage(std::uint16_t type, Bytes payload);

/// \brief  Visits the messages of one datagram: `visit(payload)` for each of the expected type, in
/// order.
/// Source:  any netlink datagram; nothing in it is trusted. A message of another port or sequence
///          is the late answer to an earlier question and is skipped. NLMSG_DONE ends the answer
///          wherever it stands.
/// Errors:  what ParseFinalMessage() yields; kOverrun for NLMSG_OVERRUN.
/// Cost:    no system call, no allocation; inlined, since it runs for each flow of a dump.
template <class Visit>
[[nodiscard]] Result<DatagramResult> ForEachMessage(Bytes datagram, const ReplyFilter& expected,
                                                    Visit&& visit) {
  DatagramResult end;
  while (datagram.size() >= sizeof(nlmsghdr)) {
    nlmsghdr header;
    std::memcpy(&header, datagram.data(), sizeof(header));
    if (header.nlmsg_len < sizeof(nlmsghdr) || header.nlmsg_len > datagram.size()) break;
    const auto payload = datagram.subspan(NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN);
    const std::size_t step = NLMSG_ALIGN(header.nlmsg_len);
    datagram = step < datagram.size() ? datagram.subspan(step) : Bytes{};

    if (header.nlmsg_pid != expected.port_id || header.nlmsg_seq != expected.sequence) {
      ++end.skipped;
      continue;
    }
    end.interrupted |= (header.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    if (header.nlmsg_type == expected.reply_type) [[likely]] {
      visit(payload);
    } else if (header.nlmsg_type == NLMSG_ERROR || header.nlmsg_type == NLMSG_DONE) {
      if (auto ok = ParseFinalMessage(header.nlmsg_type, payload); !ok)
        return Fail(std::move(ok.error()));
      end.done = true;
      return end;
    } else if (header.nlmsg_type == NLMSG_OVERRUN) {
      return Fail(ErrorKind::kOverrun, "ctnetlink lost messages");
    } else if (header.nlmsg_type != NLMSG_NOOP) {
      ++end.skipped;
    }
  }
  if (!datagram.empty()) ++end.skipped;  // a header or a message that is cut off
  return end;
}

}  // namespace conntrack::kernel
