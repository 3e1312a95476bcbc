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

/// A name that somebody bound a namespace to.
struct BoundName {
  std::string name;
  std::filesystem::path path;
  bool generated = false;  ///< By a container runtime; a person would not know it.
};

struct NetworkNamespace {
  /// Of the namespace itself, as `lsns` and the kernel log have it. Absent where this process may
  /// not read it of others.
  std::optional<std::uint64_t> inode = {};
  /// Of its statistics file below /proc/PID/net. Absent where the kernel has none, or where no
  /// process is inside.
  std::optional<std::uint64_t> stat_inode = {};
  std::vector<ProcessId> processes = {};  ///< Ascending.
  std::vector<BoundName> names = {};      ///< Those that people gave first.
  bool is_own = false;                    ///< This process is inside.

  /// Process 1 is inside.
  [[nodiscard]] bool is_host() const { return !processes.empty() && processes.front() == 1; }
};

struct Discovery {
  std::vector<NetworkNamespace> namespaces;
  std::size_t hidden_processes = 0;  ///< Of which we cannot tell where they are.
  bool has_stat_files = false;       ///< Whether /proc/PID/net/stat/nf_conntrack exists.
  std::vector<Error> errors;         ///< Of folders of names that could not be listed.
};

/// The inode in "net:[4026531840]", as the links of /proc/PID/ns read.
[[nodiscard]] std::optional<std::uint64_t> ParseNamespaceLink(std::string_view link);

/// The path of a process's statistics file, below the proc root.
[[nodiscard]] std::string StatPathOf(ProcessId process);

/// \brief  Finds the network namespaces that processes are in, and those that are bound to a name.
///
/// Source:  /proc/PID/ns/net of every process, which shows the inode to its own user and to
///          CAP_SYS_PTRACE. Of the others /proc/PID/net/stat/nf_conntrack, which has one inode for
///          each namespace, whoever asks: entries of /proc/net are made once for each namespace,
///          their inodes by the allocator that numbers the namespaces (proc_alloc_inum()), so that
///          no two living ones are equal. Names: /run/netns, where `ip netns` keeps them and most
///          container runtimes do, and /run/docker/netns.
///          Not found: namespaces that only a thread which left its process's one, a socket or an
///          open descriptor holds.
/// Errors:  of listing /proc; kTimeout where `keep_going()`, asked for each process, yields false.
///          Processes that end meanwhile, and those that ended and wait for their parent, are
///          passed over.
/// Threads and cost: any thread; one system call for each process, two where the first is refused:
///          4 us and 8 us each. Nothing stays open.
[[nodiscard]] Result<Discovery> DiscoverNamespaces(const KernelFiles& proc, const KernelFiles& root,
                                                   const NamespaceEntry& entry,
                                                   const std::function<bool()>& keep_going);

}  // namespace conntrack::kernel
