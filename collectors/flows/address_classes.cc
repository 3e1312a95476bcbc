#include "collectors/flows/address_classes.h"

#include <sys/socket.h>

#include <algorithm>
#include <optional>

namespace conntrack {
namespace {

/// Returns the first address after the network; std::nullopt if the network ends with the address
/// space.
std::optional<kernel::Address> AddressAfter(const AddressPrefix& prefix) {
  auto address = prefix.address;
  for (unsigned bit = prefix.length; bit-- > 0;) {
    auto& byte = address[bit / 8];
    const auto one = static_cast<std::uint8_t>(0x80U >> bit % 8);
    byte = static_cast<std::uint8_t>(byte ^ one);
    if ((byte & one) != 0) return address;  // otherwise carry into the bit before
  }
  return std::nullopt;
}

}  // namespace

Result<AddressClass> ParseAddressClass(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) {
    return Fail(ErrorKind::kMalformed, "\"" + std::string(text) + "\" is not CIDR=NAME");
  }
  auto prefix = ParseAddressPrefix(text.substr(0, equals));
  if (!prefix) return Fail(std::move(prefix.error()));
  const std::string name(text.substr(equals + 1));
  const auto refuse = [&](const char* why) {
    return Fail(ErrorKind::kMalformed, "the class of " + ToString(*prefix) + " " + why);
  };
  if (name.empty()) return refuse("has no name");
  if (name == kOtherClass) return refuse("cannot be \"other\", which is for addresses in no class");
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (!std::ranges::all_of(name, printable)) return refuse("has no printable name");
  return AddressClass{*prefix, name};
}

AddressClasses::AddressClasses(const std::vector<AddressClass>& classes) {
  for (const auto& of : classes) (void)NameIndex(of.name);
  const auto other = NameIndex(std::string(kOtherClass));
  ipv4_.push_back({{}, other});
  ipv6_.push_back({{}, other});
  auto widest_first = classes;
  std::ranges::stable_sort(widest_first, {}, [](const auto& of) { return of.prefix.length; });
  for (const auto& of : widest_first) Add(of.prefix, NameIndex(of.name));
}

std::size_t AddressClasses::IndexOf(std::uint8_t family, const kernel::Address& address) const {
  if (family != AF_INET && family != AF_INET6) return names_.size() - 1;
  const auto& ranges = family == AF_INET ? ipv4_ : ipv6_;
  const auto next = std::upper_bound(
      ranges.begin() + 1, ranges.end(), address,
      [](const kernel::Address& wanted, const Range& range) { return wanted < range.begin; });
  return (next - 1)->name;
}

std::size_t AddressClasses::NameIndex(const std::string& name) {
  const auto found = std::ranges::find(names_, name);
  const auto index = static_cast<std::size_t>(found - names_.begin());
  if (found == names_.end()) names_.push_back(name);
  return index;
}

/// Narrower networks are added later, so this network lies in one range, or begins where one does.
void AddressClasses::Add(const AddressPrefix& prefix, std::size_t name) {
  auto& ranges = prefix.family == AF_INET ? ipv4_ : ipv6_;
  const auto before = IndexOf(prefix.family, prefix.address);
  const auto at = std::lower_bound(
      ranges.begin(), ranges.end(), prefix.address,
      [](const Range& range, const kernel::Address& wanted) { return range.begin < wanted; });
  const auto position = at - ranges.begin();
  if (at != ranges.end() && at->begin == prefix.address) {
    at->name = name;
  } else {
    ranges.insert(at, {prefix.address, name});
  }
  const auto after = AddressAfter(prefix);
  if (!after) return;
  const auto next = ranges.begin() + position + 1;
  if (next == ranges.end() || next->begin != *after) ranges.insert(next, {*after, before});
}

}  // namespace conntrack
