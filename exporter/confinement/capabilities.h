// Sets of capabilities; reads and drops the capabilities of this thread.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "collectors/capability.h"
#include "kernel/result.h"

namespace conntrack::exporter::confinement {

/// A set of capabilities, including those that this program has no name for.
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

  std::uint64_t bits_ = 0;  // As in /proc/PID/status.
};

/// Returns the numbers of the members that this kernel knows.
[[nodiscard]] std::vector<int> Members(CapabilitySet set);

/// Returns all capabilities of this kernel.
[[nodiscard]] CapabilitySet AllCapabilities();

/// Returns "CAP_NET_ADMIN".
[[nodiscard]] std::string NameOf(int number);

/// Returns "CAP_NET_ADMIN,CAP_SYSLOG", "none", "all", or "all but CAP_SYS_RESOURCE". "all" means
/// all capabilities of this kernel.
[[nodiscard]] std::string ToString(CapabilitySet set);

/// The five sets of a thread: see capabilities(7).
struct HeldCapabilities {
  CapabilitySet permitted;
  CapabilitySet effective;
  CapabilitySet inheritable;
  CapabilitySet bounding;
  CapabilitySet ambient;
};

/// Reads capget(2) and prctl(2), which need no privilege. Returns empty sets if the kernel refuses.
[[nodiscard]] HeldCapabilities ReadCapabilities();

/// \brief  Returns whether the executable file (file capabilities, set-user-ID) gave this process
/// privileges that its caller does not have. Then the caller must not select what it reads and
/// writes.
/// Call it before dropping capabilities. Returns false with no_new_privs, because the kernel then
/// grants nothing, and for process 1, because the creator of the PID namespace selected the
/// program.
[[nodiscard]] bool HasMoreThanItsCaller();

/// Makes all permitted capabilities effective. This supports file capabilities of the form `=p`,
/// with which the program also starts if it may not have them.
/// Errors:  kDenied if a seccomp filter refuses capset(2); then nothing has changed.
[[nodiscard]] Result<void> RaisePermitted();

/// \brief  Reduces the capabilities of this thread, and of threads it creates later, to those in
/// `kept`. Empties the inheritable, the ambient and, if CAP_SETPCAP allows it, the bounding set. If
/// there is nothing to drop, makes no call that a seccomp filter might refuse.
/// Errors:  the kernel's error if more capabilities are left afterwards.
[[nodiscard]] Result<void> KeepOnly(CapabilitySet kept);

/// Drops capabilities of this thread only. Errors: as KeepOnly().
[[nodiscard]] Result<void> GiveUp(CapabilitySet unwanted);

/// Runs `work` with only these capabilities of this thread effective. If the kernel refuses
/// capset(2), all of them stay effective.
void WithOnly(CapabilitySet usable, const std::function<void()>& work);

/// Runs `work` in a thread without the unwanted capabilities, if there are any, and waits for it.
/// Threads created by `work` do not have them either.
void DoWithout(CapabilitySet unwanted, const std::function<void()>& work);

/// Returns whether this user can open the file for reading without any capability.
[[nodiscard]] bool CanReadWithoutCapability(const std::string& path);

/// Returns whether this user can create files in the folder without any capability.
[[nodiscard]] bool CanWriteIntoWithoutCapability(const std::string& folder);

}  // namespace conntrack::exporter::confinement
