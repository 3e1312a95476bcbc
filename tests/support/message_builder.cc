#include "tests/support/message_builder.h"

#include <arpa/inet.h>
#include <endian.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <stdexcept>
#include <string_view>

namespace conntrack::test {
namespace {

void AppendObject(ByteVector& bytes, const void* object, std::size_t size) {
  const auto* begin = static_cast<const std::byte*>(object);
  bytes.insert(bytes.end(), begin, begin + size);
}

void Pad(ByteVector& bytes) { bytes.resize((bytes.size() + 3) / 4 * 4); }

template <class T>
ByteVector BytesOf(T value) {
  ByteVector bytes;
  AppendObject(bytes, &value, sizeof(value));
  return bytes;
}

}  // namespace

AttributeBuilder& AttributeBuilder::Raw(std::uint16_t type, const ByteVector& payload) {
  const nlattr header{static_cast<std::uint16_t>(sizeof(nlattr) + payload.size()), type};
  AppendObject(bytes_, &header, sizeof(header));
  AppendObject(bytes_, payload.data(), payload.size());
  Pad(bytes_);
  return *this;
}

AttributeBuilder& AttributeBuilder::U8(std::uint16_t type, std::uint8_t value) {
  return Raw(type, BytesOf(value));
}
AttributeBuilder& AttributeBuilder::Be16(std::uint16_t type, std::uint16_t value) {
  return Raw(type, BytesOf(htobe16(value)));
}
AttributeBuilder& AttributeBuilder::Be32(std::uint16_t type, std::uint32_t value) {
  return Raw(type, BytesOf(htobe32(value)));
}
AttributeBuilder& AttributeBuilder::Be64(std::uint16_t type, std::uint64_t value) {
  return Raw(type, BytesOf(htobe64(value)));
}
AttributeBuilder& AttributeBuilder::Nest(std::uint16_t type, const AttributeBuilder& inner) {
  return Raw(static_cast<std::uint16_t>(type | NLA_F_NESTED), inner.bytes());
}

kernel::Address AddressOf(const char* text) {
  kernel::Address address{};
  const int family =
      std::string_view(text).find(':') == std::string_view::npos ? AF_INET : AF_INET6;
  if (::inet_pton(family, text, address.data()) != 1) throw std::invalid_argument(text);
  return address;
}

ByteVector NfMessage(std::uint8_t family, std::uint16_t res_id,
                     const AttributeBuilder& attributes) {
  const nfgenmsg header{family, NFNETLINK_V0, htobe16(res_id)};
  ByteVector bytes;
  AppendObject(bytes, &header, sizeof(header));
  AppendObject(bytes, attributes.bytes().data(), attributes.bytes().size());
  return bytes;
}

ByteVector FlowMessage(const FlowSpec& spec) {
  const auto tuple = [&spec](const kernel::FlowTuple& of, int zone) {
    const bool ipv6 = spec.family == AF_INET6;
    const auto address = [ipv6](const kernel::Address& bytes) {
      const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
      return ByteVector(begin, begin + (ipv6 ? 16 : 4));
    };
    AttributeBuilder builder;
    builder
        .Nest(CTA_TUPLE_IP, AttributeBuilder()
                                .Raw(ipv6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, address(of.source))
                                .Raw(ipv6 ? CTA_IP_V6_DST : CTA_IP_V4_DST, address(of.destination)))
        .Nest(CTA_TUPLE_PROTO, AttributeBuilder()
                                   .U8(CTA_PROTO_NUM, spec.protocol)
                                   .Be16(CTA_PROTO_SRC_PORT, of.source_port)
                                   .Be16(CTA_PROTO_DST_PORT, of.destination_port));
    if (zone >= 0) builder.Be16(CTA_TUPLE_ZONE, static_cast<std::uint16_t>(zone));
    return builder;
  };
  AttributeBuilder flow;
  flow.Nest(CTA_TUPLE_ORIG, tuple(spec.original, spec.original_zone))
      .Nest(CTA_TUPLE_REPLY, tuple(spec.reply, spec.reply_zone));
  if (spec.zone >= 0) flow.Be16(CTA_ZONE, static_cast<std::uint16_t>(spec.zone));
  flow.Be32(CTA_STATUS, spec.status).Be32(CTA_MARK, 7).Be32(CTA_ID, 99).Be32(CTA_USE, 1);
  if (spec.timeout >= 0) flow.Be32(CTA_TIMEOUT, static_cast<std::uint32_t>(spec.timeout));
  if (spec.state >= 0) {
    const std::uint16_t nest =
        spec.protocol == IPPROTO_SCTP ? CTA_PROTOINFO_SCTP : CTA_PROTOINFO_TCP;
    flow.Nest(CTA_PROTOINFO,
              AttributeBuilder().Nest(
                  nest, AttributeBuilder().U8(CTA_PROTOINFO_TCP_STATE,
                                              static_cast<std::uint8_t>(spec.state))));
  }
  return NfMessage(spec.family, 0, flow);
}

ByteVector ExpectationMessage(std::string_view helper) {
  ByteVector name;
  for (const char c : helper) name.push_back(static_cast<std::byte>(c));
  name.push_back(std::byte{0});
  return NfMessage(
      2, 0, AttributeBuilder().Be32(CTA_EXPECT_TIMEOUT, 299).Raw(CTA_EXPECT_HELP_NAME, name));
}

ByteVector EventDatagram(const EventSpec& spec) {
  auto flow = FlowMessage(spec.flow);
  if (spec.start) {
    AttributeBuilder times;
    times.Be64(CTA_TIMESTAMP_START, *spec.start);
    if (spec.stop) times.Be64(CTA_TIMESTAMP_STOP, *spec.stop);
    const auto timestamp = AttributeBuilder().Nest(CTA_TIMESTAMP, times).bytes();
    flow.insert(flow.end(), timestamp.begin(), timestamp.end());
  }
  const bool destroyed = spec.kind == kernel::FlowEventKind::kDestroy;
  const bool made = spec.kind == kernel::FlowEventKind::kNew;
  // The kernel puts the port of the process in it that asked for the change, or 0.
  return DatagramBuilder(0, 0)
      .Message(destroyed ? kFlowDestroyed : kFlowReply, flow, made ? NLM_F_CREATE | NLM_F_EXCL : 0)
      .bytes();
}

DatagramBuilder& DatagramBuilder::Message(std::uint16_t type, const ByteVector& payload,
                                          std::uint16_t flags) {
  const nlmsghdr header{static_cast<std::uint32_t>(sizeof(nlmsghdr) + payload.size()), type, flags,
                        sequence_, port_};
  AppendObject(bytes_, &header, sizeof(header));
  AppendObject(bytes_, payload.data(), payload.size());
  Pad(bytes_);
  return *this;
}

DatagramBuilder& DatagramBuilder::Error(std::int32_t code) {
  nlmsgerr error{};
  error.error = code;
  return Message(NLMSG_ERROR, BytesOf(error), 0);
}

DatagramBuilder& DatagramBuilder::Done(std::uint16_t flags) {
  return Message(NLMSG_DONE, BytesOf(std::int32_t{0}), flags);
}

DatagramBuilder& DatagramBuilder::From(std::uint32_t port, std::uint32_t sequence) {
  port_ = port;
  sequence_ = sequence;
  return *this;
}

DatagramBuilder& DatagramBuilder::Append(const ByteVector& bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return *this;
}

}  // namespace conntrack::test
