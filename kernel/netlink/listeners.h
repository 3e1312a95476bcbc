// Sockets that wait for clients, and the cgroups and processes that they belong to.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "kernel/flow.h"
#include "kernel/namespaces/namespaces.h"
#include "kernel/netlink/netlink_message.h"
#include "kernel/proc/kernel_files.h"
#include "kernel/proc/presence.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// A TCP socket that listens, or a UDP socket without a peer.
struct Listener {
  std::uint8_t family = 0;  ///< AF_INET for sockets of IPv6 that are bound to an IPv4 address.
  std::uint8_t protocol = 0;
  std::uint16_t port = 0;
  Address address{};                    ///< All zero: every address.
  bool only_ipv6 = false;               ///< IPV6_V6ONLY: takes no IPv4.
  std::uint64_t inode = 0;              ///< Of the socket, as in /proc/PID/fd.
  std::optional<std::uint64_t> cgroup;  ///< Its ID in cgroup version 2; absent before Linux 5.9.

  friend bool operator==(const Listener&, const Listener&) = default;
};

/// A message of sock_diag about a socket of `protocol`; nothing if it is cut off.
[[nodiscard]] std::optional<Listener> DecodeListener(Bytes payload, std::uint8_t protocol);

/// \brief  The listeners of the network namespace of the calling thread.
/// Source:  SOCK_DIAG_BY_FAMILY dumps (net/ipv4/inet_diag.c) for TCP in state LISTEN and UDP in
///          state CLOSE, of IPv4 and IPv6; INET_DIAG_CGROUP_ID since 5.9. The cgroup is that of the
///          process that made the socket, at that time.
/// Errors:  of Presence::SockDiag(), without asking; of the socket.
/// Threads and cost: any thread; some twenty system calls. The kernel walks its
///          TCP listeners, not the connections; but all UDP sockets. Ends in some seconds if the
///          kernel does not answer.
[[nodiscard]] Result<std::vector<Listener>> ReadListeners(const Presence& presence);

/// \brief  The paths of cgroups by their IDs, "/system.slice/nginx.service".
/// Source:  folders of SYSFS/fs/cgroup, or SYSFS/fs/cgroup/unified where version 1 is there too;
///          the inode of a folder is the ID of its cgroup.
/// Errors:  none; IDs that are not found (the root, removed cgroups; in a container: those outside
///          its own cgroup) have no entry.
/// Threads and cost: any thread; some five system calls for each cgroup of the host. Ends when all
///          are found, or `keep_going()` is false.
[[nodiscard]] std::unordered_map<std::uint64_t, std::string> FindCgroups(
    const KernelFiles& sys, std::unordered_set<std::uint64_t> ids,
    const std::function<bool()>& keep_going);

struct SocketHolders {
  std::unordered_map<std::uint64_t, ProcessId> processes;  ///< By the inodes of their sockets.
  std::size_t refused = 0;  ///< Processes that do not show their open files.
};

/// \brief  The processes that have `sockets` open.
/// Source:  /proc/PID/fd of `processes`, the highest PID first, so that a service comes before
///          systemd (PID 1), which keeps the sockets of .socket units open too.
/// Errors:  none; sockets that no process has open (the kernel's own), and those of refused
///          processes (of other users without CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH), have no
///          entry.
/// Threads and cost: any thread; a system call for each open file of each process. Ends when all
///          are found, or `keep_going()`, called for each file, is false.
[[nodiscard]] SocketHolders FindHolders(const KernelFiles& proc,
                                        const std::vector<ProcessId>& processes,
                                        std::unordered_set<std::uint64_t> sockets,
                                        const std::function<bool()>& keep_going);

}  // namespace conntrack::kernel
