// The two filters of the kernel that confine this process.
#pragma once

#include "exporter/confinement/confinement.h"
#include "kernel/result.h"

namespace conntrack::exporter::confinement {

/// \brief  Restricts this thread, and those that it makes, to the files and ports in `needs`, and
/// keeps it from other processes: from ptrace(2) and, since version 6, from signals and abstract
/// sockets. Yields the version of Landlock.
///
/// Best effort by version: files since 1 (Linux 5.13), TCP ports since 4 (6.7), ioctl(2) on devices
/// since 5, signals and abstract sockets since 6 (6.12). What is open already stays usable.
/// Landlock does not confine stat(2), readlink(2), or connecting to a socket that is a file.
/// Errors:  kAbsent if the kernel is older, built without it, or booted without it; kDenied if a
///          seccomp filter refuses the calls (containers did until 2022). Then nothing is confined.
///          Needs no_new_privs.
[[nodiscard]] Result<int> RestrictFiles(const Needs& needs);

/// \brief  Restricts every thread of this process to a list of system calls (seccomp(2) by
/// libseccomp), and where the call alone says too little, to arguments.
///
/// Files are opened for reading only unless `needs.write` names a folder, sockets are TCP or
/// NETLINK_NETFILTER, a new thread is one of this process, memory is never both writable and
/// executable, signals go to this process only. It cannot run programs (execve), make processes
/// (fork), trace or look into them, change files, control devices, or enter namespaces unless
/// `needs.looks_into_processes`.
///
/// A refused call fails with EPERM and is logged by the kernel (audit type 1326): a monitor that
/// goes on with an error in its log is better than one that was killed. clone3(2) fails with
/// ENOSYS, since its flags cannot be seen: the C library then takes clone(2). Calls of another
/// architecture (int 0x80) kill the process: nothing here makes one.
/// Errors:  those of seccomp(2) and, where that is refused (SystemCallFilter=@system-service of
///          systemd), of prctl(2); kAbsent on 32-bit machines, where the list is untested. Then
///          nothing is filtered. Needs no_new_privs.
/// Threads and cost: for all threads (TSYNC); some nanoseconds a call.
[[nodiscard]] Result<void> FilterSystemCalls(const Needs& needs);

}  // namespace conntrack::exporter::confinement
