#include "tests/support/message_builder.h"

#include <endian.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

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
AttributeBuilder& AttributeBuilder::Nest(std::uint16_t type, const AttributeBuilder& inner) {
  return Raw(static_cast<std::uint16_t>(type | NLA_F_NESTED), inner.bytes());
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
  const auto tuple = [&spec](int zone) {
    AttributeBuilder builder;
    if (spec.family == AF_INET6) {
      builder.Nest(CTA_TUPLE_IP, AttributeBuilder()
                                     .Raw(CTA_IP_V6_SRC, ByteVector(16, std::byte{1}))
                                     .Raw(CTA_IP_V6_DST, ByteVector(16, std::byte{2})));
    } else {
      builder.Nest(CTA_TUPLE_IP, AttributeBuilder().Be32(CTA_IP_V4_SRC, 1).Be32(CTA_IP_V4_DST, 2));
    }
    builder.Nest(CTA_TUPLE_PROTO, AttributeBuilder()
                                      .U8(CTA_PROTO_NUM, spec.protocol)
                                      .Be16(CTA_PROTO_SRC_PORT, 1000)
                                      .Be16(CTA_PROTO_DST_PORT, 80));
    if (zone >= 0) builder.Be16(CTA_TUPLE_ZONE, static_cast<std::uint16_t>(zone));
    return builder;
  };
  AttributeBuilder flow;
  flow.Nest(CTA_TUPLE_ORIG, tuple(spec.original_zone))
      .Nest(CTA_TUPLE_REPLY, tuple(spec.reply_zone));
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
