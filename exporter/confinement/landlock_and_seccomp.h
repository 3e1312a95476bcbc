// Landlock and seccomp, which confine this process.
#pragma once

#include "exporter/confinement/confinement.h"
#include "kernel/result.h"

namespace conntrack::exporter::confinement {

/// \brief  Restricts this thread, and threads it creates, to the files and ports in `needs`. It
/// also blocks access to other processes: ptrace(2) and, since version 6, signals and abstract
/// sockets. Returns the version of Landlock.
///
/// Best effort by version: files since 1 (Linux 5.13), TCP ports since 4 (6.7), ioctl(2) on devices
/// since 5, signals and abstract sockets since 6 (6.12). Descriptors that are already open stay
/// usable.
/// Allowed ports, for bind and connect, are the listening ports. If the kernel chooses one of them,
/// it is unknown, and connect is not restricted.
/// Landlock does not restrict stat(2), readlink(2), listen(2) on an unbound socket, or connecting
/// to a socket that is a file.
/// Errors:  kAbsent if the kernel is older, built without it, or booted without it; kDenied if a
///          seccomp filter refuses the calls (containers did until 2022). Then nothing is confined.
///          Needs no_new_privs.
[[nodiscard]] Result<int> RestrictFiles(const Needs& needs);

/// \brief  Restricts every thread of this process to a list of system calls (seccomp(2), by
/// libseccomp), with restrictions on arguments where necessary.
///
/// Files are opened read-only, unless `needs.write` names a folder. Sockets are TCP,
/// NETLINK_NETFILTER or, with `needs.asks_sock_diag`, NETLINK_SOCK_DIAG. New threads belong to this
/// process. Memory cannot become executable, except libraries if names are looked up. Signals go to
/// this process only, including those caused by a descriptor (F_SETOWN). The process cannot run
/// programs (execve), create processes (fork), trace or inspect others, change files, control
/// devices (network drivers only with `needs.asks_drivers`), or enter namespaces (only with
/// `needs.looks_into_processes`).
///
/// A refused call fails with EPERM, and the kernel logs it (audit type 1326): for a monitor, an
/// error in the log is better than being killed. clone3(2) fails with ENOSYS, because its flags are
/// not visible to the filter; the C library then uses clone(2). Calls of another architecture (int
/// 0x80) kill the process, because nothing here uses them.
/// Errors:  of seccomp(2) and, if that is refused (SystemCallFilter=@system-service of systemd), of
///          prctl(2); kAbsent on 32-bit machines, where the list is untested. Then nothing is
///          filtered. Needs no_new_privs.
/// Threads and cost: applies to all threads (TSYNC); some nanoseconds per call.
[[nodiscard]] Result<void> FilterSystemCalls(const Needs& needs);

/// \brief  Forbids, in addition to FilterSystemCalls(), what only the start of a server needs:
/// listen(2), connect(2), TCP and UDP sockets, executable mappings of files, and further filters.
/// Errors:  of seccomp(2); kAbsent or kIo if only prctl(2) is available, which cannot reach other
///          threads.
/// Threads and cost: from any thread, applies to all (TSYNC); some nanoseconds per call.
[[nodiscard]] Result<void> FilterStartCalls();

}  // namespace conntrack::exporter::confinement
