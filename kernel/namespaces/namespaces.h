// Every network namespace of this host.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/namespaces/namespace_entry.h"
#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

using ProcessId = std::uint32_t;

/// A name that a namespace is bind-mounted to.
struct BoundName {
  std::string name;
  std::filesystem::path path;
  bool generated = false;  ///< By a container runtime.
};

struct NetworkNamespace {
  /// Of the namespace itself, as in `lsns` and the kernel log. Absent if it may not be read.
  std::optional<std::uint64_t> inode = {};
  /// Of its statistics file below /proc/PID/net. Absent if the kernel has none, or no process is
  /// inside.
  std::optional<std::uint64_t> stat_inode = {};
  std::vector<ProcessId> processes = {};  ///< Ascending.
  std::vector<BoundName> names = {};      ///< Those that people gave first.
  bool is_own = false;                    ///< This process is inside.

  /// Process 1 is inside.
  [[nodiscard]] bool is_host() const { return !processes.empty() && processes.front() == 1; }
};

struct Discovery {
  std::vector<NetworkNamespace> namespaces;
  std::size_t hidden_processes = 0;  ///< Whose namespace is unknown.
  bool has_stat_files = false;       ///< Whether /proc/PID/net/stat/nf_conntrack exists.
  std::vector<Error> errors;         ///< Of folders of names that could not be listed.
};

/// The inode in "net:[4026531840]", the target of a link in /proc/PID/ns.
[[nodiscard]] std::optional<std::uint64_t> ParseNamespaceLink(std::string_view link);

/// The path of a process's statistics file, below the proc root.
[[nodiscard]] std::string StatPathOf(ProcessId process);

/// \brief  Finds the network namespaces that processes are in, and those bound to a name.
/// Source:  /proc/PID/ns/net of every process, readable for its own user and with CAP_SYS_PTRACE.
///          For the others the inode of /proc/PID/net/stat/nf_conntrack: entries of /proc/net are
///          made once for each namespace, and numbered as namespaces are (proc_alloc_inum()), so no
///          two are equal. Names: /run/netns and /run/docker/netns. Not found: namespaces that only
///          a single thread, a socket or an open descriptor holds.
/// Errors:  of listing /proc; kTimeout if `keep_going()`, called for each process, returns false.
///          Ended processes and zombies are skipped.
/// Threads and cost: any thread; 4 to 8 us for each process. Nothing stays open.
[[nodiscard]] Result<Discovery> DiscoverNamespaces(const KernelFiles& proc, const KernelFiles& root,
                                                   const NamespaceEntry& entry,
                                                   const std::function<bool()>& keep_going);

}  // namespace conntrack::kernel
