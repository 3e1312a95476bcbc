// Splits a netlink datagram into messages and attributes. No content of a datagram is trusted.
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

/// \brief  Calls `visit(type, payload)` for each attribute, in order. The flags are removed from
///         the type. Returns false if the bytes end inside an attribute, or if its length is
///         impossible; the attributes before it have been visited. Inlined on purpose: it runs some
///         20 times per flow of a dump.
template <class Visit>
inline bool ForEachAttribute(Bytes bytes, Visit&& visit) {
  while (bytes.size() >= sizeof(nlattr)) {
    nlattr header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    if (header.nla_len < sizeof(nlattr) || header.nla_len > bytes.size()) return false;
    visit(static_cast<std::uint16_t>(header.nla_type & NLA_TYPE_MASK),
          bytes.subspan(sizeof(nlattr), header.nla_len - sizeof(nlattr)));
    const std::size_t step = NLA_ALIGN(header.nla_len);
    if (step >= bytes.size()) return true;  // the last attribute may lack padding
    bytes = bytes.subspan(step);
  }
  return bytes.empty();
}

/// Returns the payload as a number in host byte order; std::nullopt if the size differs.
template <std::unsigned_integral T>
[[nodiscard]] inline std::optional<T> ReadRaw(Bytes payload) {
  T value;
  if (payload.size() != sizeof(value)) return std::nullopt;
  std::memcpy(&value, payload.data(), sizeof(value));
  return value;
}

/// Returns a number in network byte order that fills the payload exactly; otherwise std::nullopt.
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

/// A complete message with its header.
struct NetlinkMessage {
  nlmsghdr header;
  Bytes bytes;  ///< Begins with the header; no padding.

  [[nodiscard]] Bytes payload() const { return bytes.subspan(NLMSG_HDRLEN); }
};

/// Removes and returns the next message; std::nullopt at the end, or if the rest is not a complete
/// message.
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

/// Identifies the messages that answer a request.
struct ReplyFilter {
  std::uint32_t port_id = 0;
  std::uint32_t sequence = 0;
  std::uint16_t reply_type = 0;
};

/// Content of a datagram besides the visited messages.
struct DatagramResult {
  bool done = false;          ///< The reply is complete.
  bool interrupted = false;   ///< NLM_F_DUMP_INTR: the table changed during the walk.
  std::uint32_t skipped = 0;  ///< Messages of another sequence, port or type, and cut-off ones.
};

/// Adds to a kDenied error that CAP_NET_ADMIN is missing, and how to grant it.
void AddNetAdminRemedy(Error& denied);

/// \brief  Returns the result in an NLMSG_ERROR or NLMSG_DONE message.
/// Source:  nfnetlink sends errors as negative errno, other senders as positive. Both are errors;
///          only 0 is an acknowledgement. NLMSG_DONE carries 0, a negative errno, or nothing.
/// Errors:  the mapped errno, with the missing capability for EPERM; kMalformed if cut off.
[[nodiscard]] Result<void> ParseFinalMessage(std::uint16_t type, Bytes payload);

/// \brief  Calls `visit(payload)` for each message of the expected type in a datagram, in order. A
///         message of another port or sequence is a late reply to an earlier request and is
///         skipped. NLMSG_DONE ends the reply, wherever it is.
/// Errors:  those of ParseFinalMessage(); kOverrun for NLMSG_OVERRUN.
/// Cost:    no system call, no allocation; inlined, because it runs for each flow of a dump.
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
  if (!datagram.empty()) ++result.skipped;  // a header or a message is cut off
  return result;
}

}  // namespace conntrack::kernel
