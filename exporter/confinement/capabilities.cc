#include "exporter/confinement/capabilities.h"

#include <fcntl.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <exception>
#include <memory>

#include "kernel/thread.h"
#include "kernel/unique_fd.h"

namespace conntrack::exporter::confinement {
namespace {

struct Free {
  void operator()(cap_t state) const { ::cap_free(state); }
};
using State = std::unique_ptr<std::remove_pointer_t<cap_t>, Free>;

template <class Test>
CapabilitySet Collect(Test has) {
  CapabilitySet set;
  for (const int number : Members(AllCapabilities())) {
    if (has(number)) set.Add(number);
  }
  return set;
}

CapabilitySet Flagged(cap_t state, cap_flag_t flag) {
  return Collect([&](int number) {
    cap_flag_value_t value = CAP_CLEAR;
    return ::cap_get_flag(state, number, flag, &value) == 0 && value == CAP_SET;
  });
}

void Flag(cap_t state, cap_flag_t flag, CapabilitySet set) {
  const auto members = Members(set);
  if (members.empty()) return;
  ::cap_set_flag(state, flag, static_cast<int>(members.size()), members.data(), CAP_SET);
}

Error Refused(const std::string& what) {
  auto error = ErrorFromErrno(errno, what);
  error.remedy =
      "allow capset(2) (SystemCallFilter=~@privileged of systemd does not), or start it with the "
      "capabilities that it needs and no others";
  return error;
}

Result<void> Set(CapabilitySet permitted, CapabilitySet effective, CapabilitySet inheritable) {
  const State state(::cap_init());
  if (!state) return Fail(ErrorFromErrno(errno, "setting capabilities"));
  Flag(state.get(), CAP_PERMITTED, permitted);
  Flag(state.get(), CAP_EFFECTIVE, effective);
  Flag(state.get(), CAP_INHERITABLE, inheritable);
  if (::cap_set_proc(state.get()) != 0) return Fail(Refused("setting capabilities"));
  return {};
}

/// Best effort: with no_new_privs the bounding set has no effect.
void EmptyBoundingSet(const HeldCapabilities& held) {
  constexpr int kSetPcap = CAP_SETPCAP;
  if (held.bounding.empty() || !held.permitted.Has(kSetPcap)) return;
  auto effective = held.effective;
  effective.Add(kSetPcap);
  if (effective != held.effective && !Set(held.permitted, effective, held.inheritable)) return;
  for (const int number : Members(held.bounding)) ::cap_drop_bound(number);
}

std::string Names(CapabilitySet set) {
  std::string names;
  for (const int number : Members(set)) names += (names.empty() ? "" : ",") + NameOf(number);
  return names;
}

}  // namespace

CapabilitySet AllCapabilities() {
  CapabilitySet all;
  const int known = ::cap_max_bits();
  for (int number = 0; number < known; ++number) all.Add(number);
  return all;
}

std::vector<int> Members(CapabilitySet set) {
  std::vector<int> members;
  const int known = ::cap_max_bits();
  for (int number = 0; number < known; ++number) {
    if (set.Has(number)) members.push_back(number);
  }
  return members;
}

std::string ToString(CapabilitySet set) {
  if (set.empty()) return "none";
  constexpr std::size_t kFew = 10;
  const auto others = AllCapabilities() - set;
  if (others.empty()) return "all";
  return Members(others).size() <= kFew ? "all but " + Names(others) : Names(set);
}

std::string NameOf(int number) {
  const std::unique_ptr<char, decltype(&::cap_free)> lower(::cap_to_name(number), &::cap_free);
  if (!lower) return "capability " + std::to_string(number);
  std::string name = lower.get();
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

HeldCapabilities ReadCapabilities() {
  HeldCapabilities held;
  held.bounding = Collect([](int number) { return ::cap_get_bound(number) == 1; });
  held.ambient = Collect([](int number) { return ::cap_get_ambient(number) == 1; });
  const State state(::cap_get_proc());
  if (!state) return held;
  held.permitted = Flagged(state.get(), CAP_PERMITTED);
  held.effective = Flagged(state.get(), CAP_EFFECTIVE);
  held.inheritable = Flagged(state.get(), CAP_INHERITABLE);
  return held;
}

bool HasMoreThanItsCaller() {
  if (::getuid() == 0 || ::getpid() == 1) return false;
  if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) return false;
  if (::geteuid() != ::getuid() || ::getegid() != ::getgid()) return true;
  // Not AT_SECURE: SELinux also sets it for a service whose file grants nothing.
  const auto held = ReadCapabilities();
  return !(held.permitted - held.ambient).empty();
}

Result<void> RaisePermitted() {
  const auto held = ReadCapabilities();
  if (held.effective == held.permitted) return {};
  return Set(held.permitted, held.permitted, held.inheritable);
}

Result<void> KeepOnly(CapabilitySet kept) {
  const auto held = ReadCapabilities();
  kept = kept & held.permitted;
  EmptyBoundingSet(held);
  if (!held.ambient.empty()) ::cap_reset_ambient();
  if (held.permitted == kept && held.effective == kept && held.inheritable.empty()) return {};
  auto set = Set(kept, kept, {});
  const auto left = ReadCapabilities();
  // Inheritable capabilities take effect only in a new program, which is never started.
  if (left.permitted == kept && left.effective == kept) return {};
  return set;
}

Result<void> GiveUp(CapabilitySet unwanted) {
  if (unwanted.empty()) return {};
  const auto held = ReadCapabilities();
  if ((held.permitted & unwanted).empty()) return {};
  return Set(held.permitted - unwanted, held.effective - unwanted, held.inheritable - unwanted);
}

void WithOnly(CapabilitySet usable, const std::function<void()>& work) {
  const auto held = ReadCapabilities();
  usable = usable & held.effective;
  if (usable == held.effective || !Set(held.permitted, usable, held.inheritable)) return work();
  const auto restore = [](const HeldCapabilities* before) {
    // Cannot fail: all of them are permitted.
    static_cast<void>(Set(before->permitted, before->effective, before->inheritable));
  };
  const std::unique_ptr<const HeldCapabilities, decltype(restore)> restored_at_the_end(&held);
  work();
}

void DoWithout(CapabilitySet unwanted, const std::function<void()>& work) {
  if (unwanted.empty()) return work();
  std::exception_ptr thrown;
  kernel::StartThread("unprivileged", [&](const std::stop_token&) {
    // A failure was reported when the confinement began.
    static_cast<void>(GiveUp(unwanted));
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  if (thrown) std::rethrow_exception(thrown);
}

bool CanReadWithoutCapability(const std::string& path) {
  bool can = false;
  WithOnly({}, [&] {
    const kernel::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    can = static_cast<bool>(fd) || errno != EACCES;
  });
  return can;
}

bool CanWriteIntoWithoutCapability(const std::string& folder) {
  bool can = false;
  WithOnly({}, [&] {
    can = ::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0 || errno != EACCES;
  });
  return can;
}

}  // namespace conntrack::exporter::confinement
