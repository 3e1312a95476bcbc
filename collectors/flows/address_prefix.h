// Networks: an address and a prefix length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "kernel/flow.h"
#include "kernel/result.h"

namespace conntrack {

/// A network, or one host if `length` is the whole address. All bits after the prefix are zero.
struct AddressPrefix {
  std::uint8_t family = 0;  ///< AF_INET or AF_INET6.
  std::uint8_t length = 0;  ///< In bits.
  kernel::Address address{};

  friend bool operator==(const AddressPrefix&, const AddressPrefix&) = default;
};

/// Returns the bits of a whole address; 0 for families other than IPv4 and IPv6.
[[nodiscard]] unsigned AddressBits(std::uint8_t family);

/// Returns an address whose first `length` bits are set.
[[nodiscard]] kernel::Address MaskOf(unsigned length);

/// Returns the bits of the address that are set in the mask.
[[nodiscard]] inline kernel::Address Masked(kernel::Address address, const kernel::Address& mask) {
  for (std::size_t i = 0; i < address.size(); ++i) address[i] &= mask[i];
  return address;
}

/// Returns "10.0.0.1", "10.0.0.0/8" or "2001:db8::/64". The length is left out for whole addresses.
[[nodiscard]] std::string ToString(const AddressPrefix& prefix);

/// \brief  Parses what ToString() returns.
/// Errors:  kMalformed if it is not an address, if the length is invalid, or if a bit after the
///          prefix is set.
[[nodiscard]] Result<AddressPrefix> ParseAddressPrefix(std::string_view text);

}  // namespace conntrack
