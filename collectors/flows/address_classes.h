// Names for parts of the address space.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/flows/address_prefix.h"

namespace conntrack {

/// A network and the name of the class that its addresses are in. Several may have one name.
struct AddressClass {
  AddressPrefix prefix;
  std::string name;

  friend bool operator==(const AddressClass&, const AddressClass&) = default;
};

/// The name of what is in no class.
inline constexpr std::string_view kOtherClass = "other";

/// \brief  Reads "CIDR=NAME": "10.0.0.0/8=internal".
/// Errors:  kMalformed where the network is none, or the name is empty, "other" or not printable.
[[nodiscard]] Result<AddressClass> ParseAddressClass(std::string_view text);

/// \brief  Finds the class of an address: that of the longest prefix that it is in.
/// Networks are nested or apart, never crossing, so they cut the address space into ranges that
/// have one class each.
/// Threads and cost: immutable; a binary search in at most two ranges a network and one more.
class AddressClasses {
 public:
  /// Each network stands in `classes` once; where it does not, the last one wins.
  explicit AddressClasses(const std::vector<AddressClass>& classes);

  /// The names without repetition, in the order in which they were given, then "other".
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

  /// An index into names().
  [[nodiscard]] std::size_t IndexOf(std::uint8_t family, const kernel::Address& address) const;

 private:
  struct Range {
    kernel::Address begin;  // up to the next one's
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
