// Cutting a netlink datagram into messages and attributes. Nothing in a datagram is trusted.
#pragma once

#include <endian.h>
#include <linux/netlink.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "kernel/result.h"

namespace conntrack::kernel {

using Bytes = std::span<const std::byte>;

/// \brief  Calls `visit(type, payload)` for each attribute, in order; flags are cut off the type.
/// Yields false if the bytes end inside an attribute or its length is impossible; those before it
/// have been visited. Inlined on purpose: it runs some twenty times for each flow of a dump.
template <class Visit>
inline bool ForEachAttribute(Bytes bytes, Visit&& visit) {
  while (bytes.size() >= sizeof(nlattr)) {
    nlattr header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    if (header.nla_len < sizeof(nlattr) || header.nla_len > bytes.size()) return false;
    visit(static_cast<std::uint16_t>(header.nla_type & NLA_TYPE_MASK),
          bytes.subspan(sizeof(nlattr), header.nla_len - sizeof(nlattr)));
    const std::size_t step = NLA_ALIGN(header.nla_len);
    if (step >= bytes.size()) return true;  // the padding of the last attribute may be missing
    bytes = bytes.subspan(step);
  }
  return bytes.empty();
}

/// The payload as a number in host byte order; nothing if it has another size.
template <std::unsigned_integral T>
[[nodiscard]] inline std::optional<T> ReadRaw(Bytes payload) {
  T value;
  if (payload.size() != sizeof(value)) return std::nullopt;
  std::memcpy(&value, payload.data(), sizeof(value));
  return value;
}

/// A number in network byte order that fills the payload exactly; nothing otherwise.
[[nodiscard]] inline std::optional<std::uint8_t> ReadU8(Bytes payload) {
  return ReadRaw<std::uint8_t>(payload);
}
[[nodiscard]] inline std::optional<std::uint16_t> ReadBe16(Bytes payload) {
  const auto raw = ReadRaw<std::uint16_t>(payload);
  return raw ? std::optional(be16toh(*raw)) : std::nullopt;
}
[[nodiscard]] inline std::optional<std::uint32_t> ReadBe32(Bytes payload) {
  const auto raw = ReadRaw<std::uint32_t>(payload);
  return raw ? std::optional(be32toh(*raw)) : std::nullopt;
}
[[nodiscard]] inline std::optional<std::uint64_t> ReadBe64(Bytes payload) {
  const auto raw = ReadRaw<std::uint64_t>(payload);
  return raw ? std::optional(be64toh(*raw)) : std::nullopt;
}

/// A whole message with its header.
struct NetlinkMessage {
  nlmsghdr header;
  Bytes bytes;  ///< From the header on, without padding.

  [[nodiscard]] Bytes payload() const { return bytes.subspan(NLMSG_HDRLEN); }
};

/// Cuts off the next message; nothing at the end, or if what is left is no whole message.
[[nodiscard]] inline std::optional<NetlinkMessage> TakeMessage(Bytes& datagram) {
  nlmsghdr header;
  if (datagram.size() < sizeof(header)) return std::nullopt;
  std::memcpy(&header, datagram.data(), sizeof(header));
  if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > datagram.size()) return std::nullopt;
  const auto bytes = datagram.first(header.nlmsg_len);
  const std::size_t step = NLMSG_ALIGN(header.nlmsg_len);
  datagram = step < datagram.size() ? datagram.subspan(step) : Bytes{};
  return NetlinkMessage{header, bytes};
}

/// The messages that answer a request.
struct ReplyFilter {
  std::uint32_t port_id = 0;
  std::uint32_t sequence = 0;
  std::uint16_t reply_type = 0;
};

/// What a datagram held beside the visited messages.
struct DatagramResult {
  bool done = false;          ///< The reply is complete.
  bool interrupted = false;   ///< NLM_F_DUMP_INTR: what the kernel walked changed meanwhile.
  std::uint32_t skipped = 0;  ///< Messages of another sequence, port or type, and cut-off ones.
};

/// Tells in an error of kind kDenied that CAP_NET_ADMIN is missing, and how to grant it.
void AddNetAdminRemedy(Error& denied);

/// \brief  The outcome in an NLMSG_ERROR or NLMSG_DONE message.
/// Source:  nfnetlink sends errors as negative errno, other senders as positive: both are errors,
///          only 0 is an acknowledgement. NLMSG_DONE carries 0, a negative errno, or nothing.
/// Errors:  the errno, mapped, with the missing capability for EPERM; kMalformed if cut off.
[[nodiscard]] Result<void> ParseFinalMessage(std::uint16_t type, Bytes payload);

/// \brief  Calls `visit(payload)` for each message of the expected type in a datagram, in order. A
///         message of another port or sequence is a late reply to an earlier request: skipped.
///         NLMSG_DONE ends the reply wherever it stands.
/// Errors:  of ParseFinalMessage(); kOverrun for NLMSG_OVERRUN.
/// Cost:    no system call, no allocation; inlined, since it runs for each flow of a dump.
template <class Visit>
[[nodiscard]] Result<DatagramResult> ForEachMessage(Bytes datagram, const ReplyFilter& expected,
                                                    Visit&& visit) {
  DatagramResult result;
  while (const auto message = TakeMessage(datagram)) {
    const auto& header = message->header;
    if (header.nlmsg_pid != expected.port_id || header.nlmsg_seq != expected.sequence) {
      ++result.skipped;
      continue;
    }
    result.interrupted |= (header.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    if (header.nlmsg_type == expected.reply_type) [[likely]] {
      visit(message->payload());
    } else if (header.nlmsg_type == NLMSG_ERROR || header.nlmsg_type == NLMSG_DONE) {
      auto outcome = ParseFinalMessage(header.nlmsg_type, message->payload());
      if (!outcome) return Fail(std::move(outcome.error()));
      result.done = true;
      return result;
    } else if (header.nlmsg_type == NLMSG_OVERRUN) {
      return Fail(ErrorKind::kOverrun, "ctnetlink lost messages");
    } else if (header.nlmsg_type != NLMSG_NOOP) {
      ++result.skipped;
    }
  }
  if (!datagram.empty()) ++result.skipped;  // a header or a message that is cut off
  return result;
}

}  // namespace conntrack::kernel
