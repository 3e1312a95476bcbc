// Sockets that wait for clients, with their cgroups and processes.
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

/// A TCP socket in state LISTEN, or a UDP socket without a peer.
struct Listener {
  std::uint8_t family = 0;  ///< AF_INET also for IPv6 sockets that are bound to an IPv4 address.
  std::uint8_t protocol = 0;
  std::uint16_t port = 0;
  Address address{};                    ///< All zero: any address.
  bool only_ipv6 = false;               ///< IPV6_V6ONLY: accepts no IPv4.
  std::uint64_t inode = 0;              ///< Inode of the socket, as in /proc/PID/fd.
  std::optional<std::uint64_t> cgroup;  ///< ID in cgroup version 2; absent before Linux 5.9.

  friend bool operator==(const Listener&, const Listener&) = default;
};

/// Decodes a sock_diag message about a socket of `protocol`; std::nullopt if it is cut off.
[[nodiscard]] std::optional<Listener> DecodeListener(Bytes payload, std::uint8_t protocol);

/// \brief  Returns the listeners of the network namespace of the calling thread.
/// Source:  SOCK_DIAG_BY_FAMILY dumps (net/ipv4/inet_diag.c) for TCP in state LISTEN and UDP in
///          state CLOSE, for IPv4 and IPv6; INET_DIAG_CGROUP_ID since 5.9. The cgroup is the one in
///          which the process was when it created the socket.
/// Errors:  those of Presence::SockDiag(), before any request; those of the socket.
/// Threads and cost: any thread; some 20 system calls. The kernel walks its TCP listeners, not the
///          connections, but all UDP sockets. Times out after some seconds if the kernel does not
///          answer.
[[nodiscard]] Result<std::vector<Listener>> ReadListeners(const Presence& presence);

/// \brief  Returns the paths of cgroups by ID: "/system.slice/nginx.service".
/// Source:  folders of SYSFS/fs/cgroup, or of SYSFS/fs/cgroup/unified if version 1 is there too.
///          The inode of a folder is the ID of its cgroup.
/// Errors:  none; IDs that are not found have no entry: the root, removed cgroups, and in a
///          container those outside its own cgroup.
/// Threads and cost: any thread; some five system calls per cgroup of the host. Ends when all are
///          found, or when `keep_going()` returns false.
[[nodiscard]] std::unordered_map<std::uint64_t, std::string> FindCgroups(
    const KernelFiles& sys, std::unordered_set<std::uint64_t> ids,
    const std::function<bool()>& keep_going);

struct SocketHolders {
  std::unordered_map<std::uint64_t, ProcessId> processes;  ///< By inode of the socket.
  std::size_t refused = 0;  ///< Processes that do not show their open files.
};

/// \brief  Returns the processes that have `sockets` open.
/// Source:  /proc/PID/fd of `processes`, the highest PID first, so that a service comes before
///          systemd (PID 1), which also keeps the sockets of .socket units open.
/// Errors:  none. Two kinds of sockets have no entry: those that no process has open (the kernel's
///          own), and those of refused processes (of other users, without CAP_SYS_PTRACE and
///          CAP_DAC_READ_SEARCH).
/// Threads and cost: any thread; one system call per open file of each process. Ends when all are
///          found, or when `keep_going()`, called per file, returns false.
[[nodiscard]] SocketHolders FindHolders(const KernelFiles& proc,
                                        const std::vector<ProcessId>& processes,
                                        std::unordered_set<std::uint64_t> sockets,
                                        const std::function<bool()>& keep_going);

}  // namespace conntrack::kernel
