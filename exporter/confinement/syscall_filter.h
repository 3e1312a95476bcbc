// The system calls that are left.
#pragma once

#include "exporter/confinement/confinement.h"
#include "kernel/result.h"

namespace conntrack::exporter::confinement {

/// \brief  From here on every thread of this process makes no system call but those on the list.
///
/// A list of what is allowed (seccomp(2) by libseccomp), with a look at the arguments where the
/// call alone says too little: files are opened for reading only unless `needs.write` names a
/// folder, sockets are TCP or NETLINK_NETFILTER, a new thread is one of this process, memory is
/// never both writable and executable, signals go to this process only. Programs cannot be run
/// (execve), processes not made (fork), traced or looked into, files not changed, devices not
/// controlled, and namespaces entered only with `needs.looks_into_processes`.
///
/// What is refused fails with EPERM and is logged by the kernel (audit type 1326). An error in
/// the log of a monitor that goes on serves an operator better than one that was killed. clone3(2)
/// fails with ENOSYS, since its flags cannot be seen: the C library then takes clone(2). Calls of
/// another architecture (int 0x80) kill the process: nothing here ever makes one.
/// Errors:  those of seccomp(2) and, where that is refused (SystemCallFilter=@system-service of
///          systemd), of prctl(2), also where a container refuses both;
///          kAbsent on 32-bit machines, whose calls nobody has tried. Then nothing is filtered.
///          Needs no_new_privs.
/// Threads and cost: for all threads (TSYNC); some nanoseconds a call.
[[nodiscard]] Result<void> FilterSystemCalls(const Needs& needs);

}  // namespace conntrack::exporter::confinement
