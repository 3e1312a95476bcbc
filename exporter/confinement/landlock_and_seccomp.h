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
/// The ports are those that are listened on, to bind and to connect to; where the kernel chooses
/// one of them, none is known, and connecting is not confined.
/// Landlock does not confine stat(2), readlink(2), listen(2) on a socket that is not bound, or
/// connecting to a socket that is a file.
/// Errors:  kAbsent if the kernel is older, built without it, or booted without it; kDenied if a
///          seccomp filter refuses the calls (containers did until 2022). Then nothing is confined.
///          Needs no_new_privs.
[[nodiscard]] Result<int> RestrictFiles(const Needs& needs);

/// \brief  Restricts every thread of this process to a list of system calls (seccomp(2) by
/// libseccomp), and where the call alone says too little, to arguments.
///
/// Files are opened for reading only unless `needs.write` names a folder, sockets are TCP,
/// NETLINK_NETFILTER or, where `needs.asks_sock_diag`, NETLINK_SOCK_DIAG, a new thread is one of
/// this process, no memory becomes executable but libraries where names are looked up, signals go
/// to this process only, also those that a descriptor would cause (F_SETOWN). It cannot run
/// programs (execve), make processes (fork), trace or look into them, change files, control devices
/// (network drivers only if `needs.asks_drivers`), or enter namespaces unless
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

/// \brief  Forbids, on top of FilterSystemCalls(), what only the start of a server needs:
/// listen(2), connect(2), TCP and UDP sockets, executable mappings of files, and further filters.
/// Errors:  those of seccomp(2); kAbsent or kIo where only prctl(2) can be had, which knows no
///          other threads.
/// Threads and cost: for all threads (TSYNC), from any; some nanoseconds a call.
[[nodiscard]] Result<void> FilterStartCalls();

}  // namespace conntrack::exporter::confinement
