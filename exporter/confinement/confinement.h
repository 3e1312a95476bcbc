// A process that gives up all that it does not need.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "exporter/confinement/capabilities.h"
#include "kernel/result.h"

namespace conntrack::exporter::confinement {

/// What a process still has to do once it is confined, beyond what every run needs.
struct Needs {
  CapabilitySet capabilities;     ///< Kept, of those that are held.
  CapabilitySet until_listening;  ///< Kept until the server listens, in the thread that starts it.

  /// Folders with all below them, and single files. What is not there when the process confines
  /// itself stays forbidden.
  std::vector<std::filesystem::path> read;
  std::vector<std::filesystem::path> write;  ///< Folders in which files and folders are made.

  /// Ports of the server's sockets, including those passed to it. Until it is sealed, it may
  /// connect to them too. 0: a port that the kernel chooses. Empty: nothing listens.
  std::vector<std::uint16_t> listen_ports;
  bool looks_up_names = false;
  bool runs_bpf = false;  ///< Programs that were loaded before; it loads none.
  /// The collector that enters namespaces and reads the links of other processes, what Landlock
  /// never allows; empty: none does.
  std::string looks_into_processes;
  bool asks_sock_diag = false;  ///< For the listening sockets.
  bool asks_drivers = false;    ///< Of network interfaces, on a socket that is open.
};

/// What has become of the process, for the log and for `check`.
struct Confinement {
  bool sandbox = true;            ///< False: --no-sandbox, and nothing was done.
  CapabilitySet given;            ///< Permitted at the start.
  CapabilitySet kept;             ///< Of these, effective.
  CapabilitySet until_listening;  ///< Of these, given up once the server listens.
  bool no_new_privileges = false;
  Result<void> capabilities;  ///< Whether the others were given up.
  Result<void> system_calls;  ///< Whether they are filtered.
  Result<int> files;          ///< Whether they are confined, by which version of Landlock.
};

/// \brief  Gives up capabilities, forbids new ones, and confines what can be opened and called.
///
/// Before the first thread is made: it holds for this thread and those that it makes. What has to
/// be open beyond `needs` has to be opened before. no_new_privs comes first, since a user without
/// CAP_SYS_ADMIN may confine itself only then; the system call filter comes last, since it forbids
/// what the others call. PR_SET_DUMPABLE leaves the process for root only to look into: keys and
/// hashes are in its memory, and other daemons may run as the same user.
/// Errors:  none ends the process; each is in the outcome. An old kernel, or a container or unit
///          that forbids the calls, leaves it less confined and working.
/// Threads and cost: once, in main(); 2 to 3 ms.
[[nodiscard]] Confinement Confine(const Needs& needs);

/// \brief  Forbids what a server needs only to start: listen(2), connect(2), new TCP and UDP
/// sockets, loading libraries. Called once it listens and has connected to itself. Opening netlink
/// sockets and accepting connections stay allowed.
/// Does nothing if `confinement` has no filter of system calls; that has been logged already.
/// Errors:  of seccomp(2), for the log; the server goes on, less confined.
/// Threads and cost: for all threads, from any; once, about 1 ms.
[[nodiscard]] Result<void> SealAfterStart(const Confinement& confinement);

/// What there is without Confine().
[[nodiscard]] Confinement NotConfined();

}  // namespace conntrack::exporter::confinement
