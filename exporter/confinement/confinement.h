// Confines the process to what it needs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "exporter/confinement/capabilities.h"
#include "kernel/result.h"

namespace conntrack::exporter::confinement {

/// What a confined process must still do, beyond what every run needs.
struct Needs {
  CapabilitySet capabilities;     ///< Kept, if held.
  CapabilitySet until_listening;  ///< Kept until the server listens, in its starting thread.

  /// Folders, including everything below, and files. Paths that do not exist when the process
  /// confines itself stay forbidden.
  std::vector<std::filesystem::path> read;
  std::vector<std::filesystem::path> write;  ///< Folders to create files and folders in.

  /// Ports of the server's sockets, including inherited ones. Until SealAfterStart(), it may also
  /// connect to them. 0: a port chosen by the kernel. Empty: nothing listens.
  std::vector<std::uint16_t> listen_ports;
  bool looks_up_names = false;
  bool runs_bpf = false;  ///< Programs loaded before; loading is forbidden.
  /// The collector that enters namespaces and reads the links of other processes, which Landlock
  /// never allows; empty: none.
  std::string looks_into_processes;
  bool asks_sock_diag = false;  ///< To list listening sockets.
  bool asks_drivers = false;    ///< Of network interfaces, over an open socket.
};

/// The outcome of the confinement, for the log and for `check`.
struct Confinement {
  bool sandbox = true;            ///< False: --no-sandbox, nothing was done.
  CapabilitySet given;            ///< Permitted at the start.
  CapabilitySet kept;             ///< Of these, effective.
  CapabilitySet until_listening;  ///< Of these, dropped once the server listens.
  bool no_new_privileges = false;
  Result<void> capabilities;  ///< Whether the others were dropped.
  Result<void> system_calls;  ///< Whether they are filtered.
  Result<int> files;          ///< The version of Landlock, if files are confined.
};

/// \brief  Drops capabilities, forbids new ones, and restricts files and system calls.
///
/// Call it before the first thread starts: it applies to this thread and to threads it creates.
/// Before the call, open everything that is not in `needs`. no_new_privs comes first, because a
/// user without CAP_SYS_ADMIN cannot confine itself otherwise. The system call filter comes last,
/// because it forbids the calls of the other steps. PR_SET_DUMPABLE lets only root inspect the
/// process: its memory has keys and hashes, and other daemons may run as the same user.
/// Errors:  none ends the process; each is in the outcome. On an old kernel, or in a container or
///          unit that forbids the calls, the process runs less confined.
/// Threads and cost: once, in main(); 2 to 3 ms.
[[nodiscard]] Confinement Confine(const Needs& needs);

/// \brief  Forbids what a server needs only to start: listen(2), connect(2), new TCP and UDP
/// sockets, loading libraries. Call it once the server listens and has connected to itself. Opening
/// netlink sockets and accepting connections stay allowed.
/// Does nothing if `confinement` has no system call filter; that has already been logged.
/// Errors:  of seccomp(2), for the log; the server continues less confined.
/// Threads and cost: call from any thread, applies to all; once, about 1 ms.
[[nodiscard]] Result<void> SealAfterStart(const Confinement& confinement);

/// Returns the state without Confine().
[[nodiscard]] Confinement NotConfined();

}  // namespace conntrack::exporter::confinement
