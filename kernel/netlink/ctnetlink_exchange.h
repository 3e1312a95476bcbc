// One request to ctnetlink and its complete reply.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernel/netlink/ctnetlink_request.h"
#include "kernel/netlink/netlink_message.h"
#include "kernel/netlink/netlink_socket.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// The kernel fills at most 32 KiB per datagram, once it has seen a receive buffer of that size.
using ReceiveBuffer = std::array<std::byte, 32768>;

/// \brief  Reads datagrams until the reply to `request` is complete, and calls `visit(payload)` for
///         each message of it. Stops when `keep_going()` returns false; close the socket then.
/// Errors:  those of the socket and of ForEachMessage(); kInterrupted, after the whole reply, if
///          the table changed during the walk in the kernel. Adds the number of skipped messages to
///          `skipped`.
template <class Visit, class KeepGoing>
[[nodiscard]] Result<void> Receive(NetlinkSocket& socket, const CtnetlinkRequest& request,
                                   ReceiveBuffer& buffer, std::uint64_t& skipped, Visit&& visit,
                                   KeepGoing&& keep_going) {
  const ReplyFilter expected{socket.port_id(), request.sequence(), request.reply_type()};
  bool answered = false;
  bool interrupted = false;
  while (keep_going()) {
    const auto datagram = socket.Receive(buffer);
    if (!datagram) return Fail(datagram.error());
    const auto result = ForEachMessage(*datagram, expected, [&](Bytes payload) {
      answered = true;
      visit(payload);
    });
    if (!result) return Fail(result.error());
    skipped += result->skipped;
    interrupted |= result->interrupted;
    // The reply to GET_STATS is one message with the flag of a multipart reply, but no NLMSG_DONE
    // follows.
    if (result->done || (answered && !request.is_dump())) {
      if (interrupted) return Fail(ErrorKind::kInterrupted, "the table changed during the dump");
      return {};
    }
  }
  return Fail(ErrorKind::kInterrupted, "stopped before the answer was complete");
}

/// \brief  Sends one request with a short reply, on its own socket, and visits the reply.
/// Errors:  kDenied without CAP_NET_ADMIN; kMalformed if a message of the reply was cut off or not
///          part of it. Transient errors (interrupted, busy, overrun) are retried, three tries in
///          all. Each try calls `restart()` first.
/// Threads and cost: any thread; six system calls per try.
template <class Restart, class Visit>
[[nodiscard]] Result<void> RunQuery(const NetlinkSocketFactory& open, CtnetlinkQuery query,
                                    Restart&& restart, Visit&& visit) {
  constexpr std::uint32_t kTries = 3;
  Result<void> outcome;
  for (std::uint32_t tries = 1; tries <= kTries; ++tries) {
    restart();
    auto socket = open();
    if (!socket) return Fail(std::move(socket.error()));
    const CtnetlinkRequest request(query, tries);
    if (auto sent = (*socket)->Send(request); !sent) return sent;
    const auto buffer = std::make_unique_for_overwrite<ReceiveBuffer>();
    std::uint64_t skipped = 0;
    outcome = Receive(**socket, request, *buffer, skipped, visit, [] { return true; });
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

/// \brief  RunQuery() with a value as the result: `parse(payload, value)` receives each message of
///         the reply.
/// Errors:  those of RunQuery(), and the first one of `parse`.
template <class T, class Parse>
[[nodiscard]] Result<T> QueryValue(const NetlinkSocketFactory& open, CtnetlinkQuery query,
                                   Parse&& parse) {
  T value{};
  Result<void> parsed;
  const auto restart = [&] {
    value = {};
    parsed = {};
  };
  const auto visit = [&](Bytes payload) {
    if (parsed) parsed = parse(payload, value);
  };
  if (auto asked = RunQuery(open, query, restart, visit); !asked) return Fail(asked.error());
  if (!parsed) return Fail(parsed.error());
  return value;
}

}  // namespace conntrack::kernel
