// Walking netlink attributes without trusting a length.
#pragma once

#include <endian.h>
#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace conntrack::kernel {

using Bytes = std::span<const std::byte>;

/// \brief  Calls `visit(type, payload)` for each attribute in `bytes`, in order; flags are cut off
/// the type. Yields false where the bytes end inside an attribute or an attribute claims an
/// impossible length; those before it have been visited. Inlined on purpose: it runs some twenty
/// times for each flow of a dump.
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

/// A number in network byte order that fills the payload exactly; nothing otherwise.
[[nodiscard]] inline std::optional<std::uint8_t> ReadU8(Bytes payload) {
  if (payload.size() != 1) return std::nullopt;
  return std::to_integer<std::uint8_t>(payload[0]);
}

[[nodiscard]] inline std::optional<std::uint16_t> ReadBe16(Bytes payload) {
  if (payload.size() != sizeof(std::uint16_t)) return std::nullopt;
  std::uint16_t value;
  std::memcpy(&value, payload.data(), sizeof(value));
  return be16toh(value);
}

[[nodiscard]] inline std::optional<std::uint32_t> ReadBe32(Bytes payload) {
  if (payload.size() != sizeof(std::uint32_t)) return std::nullopt;
  std::uint32_t value;
  std::memcpy(&value, payload.data(), sizeof(value));
  return be32toh(value);
}

[[nodiscard]] inline std::optional<std::uint64_t> ReadBe64(Bytes payload) {
  if (payload.size() != sizeof(std::uint64_t)) return std::nullopt;
  std::uint64_t value;
  std::memcpy(&value, payload.data(), sizeof(value));
  return be64toh(value);
}

}  // namespace conntrack::kernel
