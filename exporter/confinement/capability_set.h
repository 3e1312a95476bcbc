// Sets of capabilities.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "collectors/capability.h"

namespace conntrack::exporter::confinement {

/// A set of capabilities, also of those that this program has no name for.
class CapabilitySet {
 public:
  constexpr CapabilitySet() = default;
  constexpr CapabilitySet(std::initializer_list<Capability> members) {
    for (const auto member : members) Add(static_cast<int>(member));
  }

  constexpr void Add(int number) { bits_ |= BitOf(number); }
  constexpr void Add(Capability member) { Add(static_cast<int>(member)); }

  [[nodiscard]] constexpr bool Has(int number) const { return (bits_ & BitOf(number)) != 0; }
  [[nodiscard]] constexpr bool Has(Capability member) const {
    return Has(static_cast<int>(member));
  }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr bool IsWithin(CapabilitySet other) const {
    return (bits_ & ~other.bits_) == 0;
  }

  /// In both.
  friend constexpr CapabilitySet operator&(CapabilitySet a, CapabilitySet b) {
    return CapabilitySet(a.bits_ & b.bits_);
  }
  /// In either.
  friend constexpr CapabilitySet operator|(CapabilitySet a, CapabilitySet b) {
    return CapabilitySet(a.bits_ | b.bits_);
  }
  /// In the first and not in the second.
  friend constexpr CapabilitySet operator-(CapabilitySet a, CapabilitySet b) {
    return CapabilitySet(a.bits_ & ~b.bits_);
  }
  friend constexpr bool operator==(CapabilitySet, CapabilitySet) = default;

 private:
  constexpr explicit CapabilitySet(std::uint64_t bits) : bits_(bits) {}
  static constexpr std::uint64_t BitOf(int number) {
    return number < 0 || number > 63 ? 0 : std::uint64_t{1} << static_cast<unsigned>(number);
  }

  std::uint64_t bits_ = 0;  // as in /proc/PID/status
};

/// Of those that this kernel has, by number.
[[nodiscard]] std::vector<int> Members(CapabilitySet set);

/// All that this kernel has.
[[nodiscard]] CapabilitySet AllCapabilities();

/// "CAP_NET_ADMIN".
[[nodiscard]] std::string NameOf(int number);

/// "CAP_NET_ADMIN,CAP_SYSLOG", "none", "all" that this kernel has, or "all but CAP_SYS_RESOURCE".
[[nodiscard]] std::string ToString(CapabilitySet set);

}  // namespace conntrack::exporter::confinement
