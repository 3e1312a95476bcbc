#include "collectors/flows/address_prefix.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>

#include "kernel/text.h"

namespace conntrack {
namespace {

tl::unexpected<Error> Malformed(std::string_view text, const std::string& why) {
  return Fail(ErrorKind::kMalformed, "\"" + std::string(text) + "\" " + why);
}

}  // namespace

unsigned AddressBits(std::uint8_t family) {
  if (family == AF_INET) return 32;
  return family == AF_INET6 ? 128 : 0;
}

kernel::Address MaskOf(unsigned length) {
  kernel::Address mask{};
  for (unsigned bit = 0; bit < length; ++bit) {
    mask[bit / 8] = static_cast<std::uint8_t>(mask[bit / 8] | 0x80U >> bit % 8);
  }
  return mask;
}

std::string ToString(const AddressPrefix& prefix) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (::inet_ntop(prefix.family, prefix.address.data(), text.data(), text.size()) == nullptr) {
    return "unknown";
  }
  const std::string address = text.data();
  return prefix.length == AddressBits(prefix.family)
             ? address
             : address + "/" + std::to_string(prefix.length);
}

Result<AddressPrefix> ParseAddressPrefix(std::string_view text) {
  const auto slash = text.find('/');
  const std::string address(text.substr(0, slash));
  AddressPrefix prefix;
  prefix.family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
  if (::inet_pton(prefix.family, address.c_str(), prefix.address.data()) != 1) {
    return Malformed(text, "is no IPv4 or IPv6 address or network");
  }
  const auto bits = AddressBits(prefix.family);
  const auto length =
      slash == std::string_view::npos
          ? bits
          : kernel::ParseNumber<unsigned>(text.substr(slash + 1)).value_or(bits + 1);
  if (length > bits) return Malformed(text, "has no prefix length of 0 to " + std::to_string(bits));
  prefix.length = static_cast<std::uint8_t>(length);
  if (const auto network = Masked(prefix.address, MaskOf(length)); network != prefix.address) {
    return Malformed(text, "has bits set beyond its prefix; the network is " +
                               ToString({prefix.family, prefix.length, network}));
  }
  return prefix;
}

}  // namespace conntrack
