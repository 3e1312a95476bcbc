// Netlink messages, byte by byte.
#pragma once

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/flow.h"
#include "kernel/netlink/flow_message.h"
#include "kernel/netlink/netlink_message.h"

namespace conntrack::test {

using ByteVector = std::vector<std::byte>;

/// A sequence of attributes, in the order of the calls.
class AttributeBuilder {
 public:
  AttributeBuilder& Raw(std::uint16_t type, const ByteVector& payload);
  AttributeBuilder& U8(std::uint16_t type, std::uint8_t value);
  AttributeBuilder& Be16(std::uint16_t type, std::uint16_t value);
  AttributeBuilder& Be32(std::uint16_t type, std::uint32_t value);
  AttributeBuilder& Be64(std::uint16_t type, std::uint64_t value);
  AttributeBuilder& Nest(std::uint16_t type, const AttributeBuilder& inner);

  [[nodiscard]] const ByteVector& bytes() const { return bytes_; }

 private:
  ByteVector bytes_;
};

/// What stands in front of the attributes of every ctnetlink message.
[[nodiscard]] ByteVector NfMessage(std::uint8_t family, std::uint16_t res_id,
                                   const AttributeBuilder& attributes);

/// The address written so: "10.0.0.1", "fd00::1".
[[nodiscard]] kernel::Address AddressOf(const char* text);

/// A whole flow as the kernel of 5.10 and later writes it.
struct FlowSpec {
  std::uint8_t family = 2;
  std::uint8_t protocol = 6;
  std::uint32_t status = 0;
  int state = -1;          ///< below 0: no CTA_PROTOINFO
  int timeout = -1;        ///< below 0: no CTA_TIMEOUT
  int zone = -1;           ///< CTA_ZONE
  int original_zone = -1;  ///< CTA_TUPLE_ZONE of the original tuple
  int reply_zone = -1;
  kernel::FlowTuple original = {AddressOf("10.0.0.1"), AddressOf("10.0.0.2"), 1000, 80};
  kernel::FlowTuple reply = {AddressOf("10.0.0.2"), AddressOf("10.0.0.1"), 80, 1000};
};
[[nodiscard]] ByteVector FlowMessage(const FlowSpec& spec);

/// An expectation, with CTA_EXPECT_HELP_NAME as the kernel writes it, NUL included.
[[nodiscard]] ByteVector ExpectationMessage(std::string_view helper);

/// What the kernel tells listeners, as a datagram; with CTA_TIMESTAMP where there is a start.
struct EventSpec {
  kernel::FlowEventKind kind = kernel::FlowEventKind::kNew;
  FlowSpec flow{};
  std::optional<std::uint64_t> start{};  ///< Nanoseconds since 1970.
  std::optional<std::uint64_t> stop{};
};
[[nodiscard]] ByteVector EventDatagram(const EventSpec& spec);

/// A datagram of messages to one port.
class DatagramBuilder {
 public:
  DatagramBuilder(std::uint32_t port, std::uint32_t sequence) : port_(port), sequence_(sequence) {}

  DatagramBuilder& Message(std::uint16_t type, const ByteVector& payload,
                           std::uint16_t flags = NLM_F_MULTI);
  DatagramBuilder& Error(std::int32_t code);
  DatagramBuilder& Done(std::uint16_t flags = NLM_F_MULTI);
  DatagramBuilder& From(std::uint32_t port, std::uint32_t sequence);
  DatagramBuilder& Append(const ByteVector& bytes);

  [[nodiscard]] const ByteVector& bytes() const { return bytes_; }

 private:
  std::uint32_t port_;
  std::uint32_t sequence_;
  ByteVector bytes_;
};

inline constexpr std::uint16_t kFlowReply = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;
inline constexpr std::uint16_t kFlowDestroyed = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE;
inline constexpr std::uint16_t kStatReply =
    NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET_STATS_CPU;
inline constexpr std::uint16_t kTableReply = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET_STATS;
inline constexpr std::uint16_t kExpectReply =
    NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_EXP_GET_STATS_CPU;
inline constexpr std::uint16_t kExpectationReply =
    NFNL_SUBSYS_CTNETLINK_EXP << 8 | IPCTNL_MSG_EXP_NEW;

}  // namespace conntrack::test
