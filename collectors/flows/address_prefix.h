// Networks: an address and how many of its bits count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "kernel/flow.h"
#include "kernel/result.h"

namespace conntrack {

/// A network, or one host where `length` is that of the whole address. All bits behind the prefix
/// are zero.
struct AddressPrefix {
  std::uint8_t family = 0;  ///< AF_INET or AF_INET6.
  std::uint8_t length = 0;  ///< In bits.
  kernel::Address address{};

  friend bool operator==(const AddressPrefix&, const AddressPrefix&) = default;
};

/// Bits of a whole address; 0 for families other than IPv4 and IPv6.
[[nodiscard]] unsigned AddressBits(std::uint8_t family);

/// An address whose first `length` bits are set.
[[nodiscard]] kernel::Address MaskOf(unsigned length);

/// The bits of the address that the mask has.
[[nodiscard]] inline kernel::Address Masked(kernel::Address address, const kernel::Address& mask) {
  for (std::size_t i = 0; i < address.size(); ++i) address[i] &= mask[i];
  return address;
}

/// "10.0.0.1", "10.0.0.0/8", "2001:db8::/64": the length only where it is not the whole address.
[[nodiscard]] std::string ToString(const AddressPrefix& prefix);

/// \brief  Reads what ToString() writes.
/// Errors:  kMalformed where it is no address, the length does not fit, or a bit behind the prefix
///          is set.
[[nodiscard]] Result<AddressPrefix> ParseAddressPrefix(std::string_view text);

}  // namespace conntrack
