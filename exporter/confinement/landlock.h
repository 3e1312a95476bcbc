// Files and ports, confined by Landlock.
#pragma once

#include "exporter/confinement/confinement.h"
#include "kernel/result.h"

namespace conntrack::exporter::confinement {

/// \brief  The version of Landlock that this kernel has.
/// Source:  landlock_create_ruleset(2), since Linux 5.13.
/// Errors:  kAbsent where the kernel is older, built without it, or booted without it; kDenied
///          where a seccomp filter refuses the call (containers did until 2022).
[[nodiscard]] Result<int> LandlockVersion();

/// \brief  From here on this thread, and those that it makes, open only the files and ports in
///         `needs`, and can reach no other process: neither by ptrace(2) nor, since version 6, by
///         signals and abstract sockets.
///
/// Best effort by version: files since 1, ports of TCP since 4 (Linux 6.7), ioctl(2) on devices
/// since 5, signals and abstract sockets since 6 (Linux 6.12). What is open already stays usable.
/// stat(2), readlink(2) and connecting to a socket that is a file are not confined by Landlock.
/// Errors:  those of LandlockVersion(), and of the calls; then nothing is confined. Needs
///          no_new_privs.
/// Yields:  the version.
[[nodiscard]] Result<int> RestrictFiles(const Needs& needs);

}  // namespace conntrack::exporter::confinement
