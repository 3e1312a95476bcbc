// Sets of capabilities, those of this thread, and giving them up.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "collectors/capability.h"
#include "kernel/result.h"

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

  friend constexpr CapabilitySet operator&(CapabilitySet a, CapabilitySet b) {
    return CapabilitySet(a.bits_ & b.bits_);
  }
  friend constexpr CapabilitySet operator|(CapabilitySet a, CapabilitySet b) {
    return CapabilitySet(a.bits_ | b.bits_);
  }
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

/// The five sets of a thread: see capabilities(7).
struct HeldCapabilities {
  CapabilitySet permitted;
  CapabilitySet effective;
  CapabilitySet inheritable;
  CapabilitySet bounding;
  CapabilitySet ambient;
};

/// Source: capget(2) and prctl(2), which anybody may call. Empty sets where the kernel refuses.
[[nodiscard]] HeldCapabilities ReadCapabilities();

/// \brief  Whether the file of this program (capabilities, set-user-ID) gave it privileges that its
/// caller does not have. Then the caller must not choose what it reads and writes.
/// Call it before capabilities are given up. False with no_new_privs, because the kernel then gives
/// nothing; false for process 1, because whoever made the PID namespace has chosen it.
[[nodiscard]] bool HasMoreThanItsCaller();

/// Makes all that is permitted effective, for file capabilities of the kind `=p`, which do not keep
/// the program from starting if it may not have them.
/// Errors:  kDenied if a seccomp filter refuses capset(2); then nothing has changed.
[[nodiscard]] Result<void> RaisePermitted();

/// \brief  Leaves this thread, and those that it makes afterwards, only those capabilities in
///         `kept` that it has. Empties the inheritable, the ambient and, if CAP_SETPCAP allows, the
///         bounding set. Makes no call that a seccomp filter might refuse if there is nothing to
///         give up.
/// Errors:  what the kernel said if more is left afterwards.
[[nodiscard]] Result<void> KeepOnly(CapabilitySet kept);

/// Takes away from this thread alone. Errors: as KeepOnly().
[[nodiscard]] Result<void> GiveUp(CapabilitySet unwanted);

/// Does the work while no other capability of this thread is effective. Where the kernel refuses
/// capset(2), does it with all of them.
void WithOnly(CapabilitySet usable, const std::function<void()>& work);

/// Does the work in a thread without the unwanted capabilities, if there are any, and waits for it;
/// nor do threads that it makes ever have them.
void DoWithout(CapabilitySet unwanted, const std::function<void()>& work);

/// Whether this user may open the file for reading without any capability.
[[nodiscard]] bool CanReadWithoutCapability(const std::string& path);

/// Likewise: may make files in the folder.
[[nodiscard]] bool CanWriteIntoWithoutCapability(const std::string& folder);

}  // namespace conntrack::exporter::confinement
