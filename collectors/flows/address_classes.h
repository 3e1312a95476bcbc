// Classes of addresses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/flows/address_prefix.h"

namespace conntrack {

/// A network and the class of its addresses. Several networks may have the same class.
struct AddressClass {
  AddressPrefix prefix;
  std::string name;

  friend bool operator==(const AddressClass&, const AddressClass&) = default;
};

/// The class of addresses that are in no network.
inline constexpr std::string_view kOtherClass = "other";

/// \brief  Parses "CIDR=NAME": "10.0.0.0/8=internal".
/// Errors:  kMalformed if the network is invalid, or if the name is empty, "other" or not
///          printable.
[[nodiscard]] Result<AddressClass> ParseAddressClass(std::string_view text);

/// \brief  Finds the class of an address: the one of the longest matching prefix. Networks are
///         nested or disjoint, so they divide the address space into ranges with one class each.
/// Threads and cost: immutable; a binary search in at most two ranges per network and one more.
class AddressClasses {
 public:
  /// If a network occurs more than once, its last occurrence counts.
  explicit AddressClasses(const std::vector<AddressClass>& classes);

  /// Returns the names without repetition, in the given order, then "other".
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

  /// Returns an index into names().
  [[nodiscard]] std::size_t IndexOf(std::uint8_t family, const kernel::Address& address) const;

 private:
  struct Range {
    kernel::Address begin;  // up to the next begin
    std::size_t name;
  };
  using Ranges = std::vector<Range>;

  [[nodiscard]] std::size_t NameIndex(const std::string& name);
  void Add(const AddressPrefix& prefix, std::size_t name);

  std::vector<std::string> names_;
  Ranges ipv4_;
  Ranges ipv6_;
};

}  // namespace conntrack
