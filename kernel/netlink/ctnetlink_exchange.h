// One question to ctnetlink and its whole answer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernel/netlink/ctnetlink_request.h"
#include "kernel/netlink/netlink_datagram.h"
#include "kernel/netlink/netlink_port.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// The kernel fills at most 32 KiB a datagram, and does so once it has seen a receive buffer of
/// that size.
using ReceiveBuffer = std::array<std::byte, 32768>;

/// \brief  Reads datagrams until the answer to `request` is complete, calling `visit(payload)` for
/// each message of it. `go_on()` is asked before each receive; where it yields false the rest is
/// left unread (close the port then).
/// Errors:  of the port and of ForEachMessage(); kInterrupted where the kernel says that its walk
///          was disturbed, after the whole answer has been read. Messages skipped on the way are
///          added to `skipped`.
template <class Visit, class GoOn>
[[nodiscard]] Result<void> Receive(NetlinkPort& port, const CtnetlinkRequest& request,
                                   ReceiveBuffer& buffer, std::uint64_t& skipped, Visit&& visit,
                                   GoOn&& go_on) {
  const Expected expected{port.port_id(), request.sequence(), request.reply_type()};
  bool answered = false;
  bool interrupted = false;
  while (go_on()) {
    const auto datagram = port.Receive(buffer);
    if (!datagram) return Fail(datagram.error());
    const auto end = ForEachMessage(*datagram, expected, [&](Bytes payload) {
      answered = true;
      visit(payload);
    });
    if (!end) return Fail(end.error());
    skipped += end->skipped;
    interrupted |= end->interrupted;
    // GET_STATS answers with one message that claims to be the first of several; no NLMSG_DONE
    // follows.
    if (end->done || (answered && !request.is_dump())) {
      if (interrupted) return Fail(ErrorKind::kInterrupted, "the table changed under the dump");
      return {};
    }
  }
  return Fail(ErrorKind::kInterrupted, "stopped before the answer was complete");
}

/// \brief  Asks one question whose answer is short, on a port of its own, and visits the answer.
/// Errors:  kDenied without CAP_NET_ADMIN; kMalformed where a message of the answer was cut off or
///          a stranger's; transient ones (interrupted, busy, overrun) are tried again, three times
///          in all, after `restart()`.
/// Threads and cost: any thread; six system calls a try.
template <class Restart, class Visit>
[[nodiscard]] Result<void> Ask(const OpenNetlinkPort& open, CtnetlinkQuery query, Restart&& restart,
                               Visit&& visit) {
  constexpr int kTries = 3;
  Result<void> outcome;
  for (int tries = 0; tries < kTries; ++tries) {
    restart();
    auto port = open();
    if (!port) return Fail(std::move(port.error()));
    const CtnetlinkRequest request(query, static_cast<std::uint32_t>(tries) + 1);
    if (auto sent = (*port)->Send(request); !sent) return sent;
    const auto buffer = std::make_unique_for_overwrite<ReceiveBuffer>();
    std::uint64_t skipped = 0;
    outcome = Receive(**port, request, *buffer, skipped, visit, [] { return true; });
    if (outcome && skipped > 0) {
      outcome = Fail(ErrorKind::kMalformed, "ctnetlink sent messages that could not be read");
    }
    if (outcome) return outcome;
    const auto kind = outcome.error().kind;
    if (kind != ErrorKind::kInterrupted && kind != ErrorKind::kBusy && kind != ErrorKind::kOverrun)
      return outcome;
  }
  return outcome;
}

/// \brief  Ask(), with `parse` for every message of the answer, which yields a Result<void>.
/// Errors:  as Ask(), and the first of `parse`.
template <class Restart, class Parse>
[[nodiscard]] Result<void> AskAndParse(const OpenNetlinkPort& open, CtnetlinkQuery query,
                                       Restart&& restart, Parse&& parse) {
  Result<void> parsed;
  const auto begin = [&] {
    parsed = {};
    restart();
  };
  const auto visit = [&](Bytes payload) {
    if (parsed) parsed = parse(payload);
  };
  if (auto asked = Ask(open, query, begin, visit); !asked) return asked;
  return parsed;
}

}  // namespace conntrack::kernel
