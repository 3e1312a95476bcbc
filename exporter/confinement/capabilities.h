// The capabilities of this thread, and giving them up.
#pragma once

#include <functional>
#include <string>

#include "exporter/confinement/capability_set.h"
#include "kernel/result.h"

namespace conntrack::exporter::confinement {

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

/// \brief  Makes all that is permitted effective: a file capability may be of the kind `=p`, with
///         which a program starts wherever it may not have the capability.
/// Errors:  kDenied where a seccomp filter refuses capset(2); then nothing has changed.
[[nodiscard]] Result<void> RaisePermitted();

/// \brief  Leaves this thread, and those that it makes afterwards, no capability but those in
///         `kept` that it has: permitted and effective. The inheritable, the ambient and, where
///         CAP_SETPCAP allows that, the bounding set become empty.
///
/// A process that already has no more than that makes no call that a seccomp filter might refuse.
/// Errors:  what the kernel said where more is left afterwards.
[[nodiscard]] Result<void> KeepOnly(CapabilitySet kept);

/// \brief  Takes away from this thread alone.
/// Errors:  as KeepOnly().
[[nodiscard]] Result<void> GiveUp(CapabilitySet unwanted);

/// \brief  Does the work, and waits for it; threads that it makes never have what is unwanted,
///         whatever this thread keeps for a while.
/// Cost:   a thread, where there is anything unwanted.
void DoWithout(CapabilitySet unwanted, const std::function<void()>& work);

/// \brief  Whether this user may open the file for reading without any capability.
[[nodiscard]] bool CanReadWithoutCapability(const std::string& path);

/// Likewise: may make files in the folder.
[[nodiscard]] bool CanWriteIntoWithoutCapability(const std::string& folder);

}  // namespace conntrack::exporter::confinement
