// Into a network namespace that no process shows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "kernel/result.h"

namespace conntrack::kernel {

/// What is asked of nsfs. Tests put folders and fakes in its place.
struct NamespaceEntry {
  /// The inode of the namespace that is mounted at a path; kAbsent where an ordinary file is.
  std::function<Result<std::uint64_t>(const std::filesystem::path&)> inode;
  /// Runs `work` to its end inside the network namespace at a path.
  std::function<Result<void>(const std::filesystem::path&, const std::function<void()>& work)>
      run_inside;
};

/// \brief  The inode number of the namespace that is bound to `path`: the number that `lsns` and
/// the kernel log print, and that the links of /proc/PID/ns show.
/// Source:  statfs(2) and stat(2); nsfs since Linux 3.19.
/// Errors:  kAbsent where nothing is there, or an ordinary file is: `ip netns` makes one first and
///          mounts the namespace over it then, and a mount that does not propagate into a container
///          leaves it bare.
/// Threads and cost: any thread; two system calls. Needs no capability.
[[nodiscard]] Result<std::uint64_t> NamespaceInode(const std::filesystem::path& path);

/// \brief  Runs `work` on a thread of its own, which has entered the network namespace at `path`.
///
/// The thread ends with the work, so that nothing has to be switched back, and nothing of ours
/// stays inside: a descriptor, socket or thread in a namespace would keep it and its entries alive.
/// The path is open until it is entered; a plain umount of it fails with EBUSY in that moment (`ip
/// netns` and the container runtimes detach).
/// Source:  setns(2) with CLONE_NEWNET.
/// Errors:  kAbsent where no namespace is there, or none any more; kDenied without CAP_SYS_ADMIN,
///          both in the user namespace that owns the namespace and in ours, or where a seccomp
///          filter refuses setns (RestrictNamespaces= of systemd).
/// Threads and cost: any thread; makes one. `work` must not throw.
[[nodiscard]] Result<void> RunInNamespace(const std::filesystem::path& path,
                                          const std::function<void()>& work);

/// The entry of the running kernel.
[[nodiscard]] inline NamespaceEntry KernelNamespaceEntry() {
  return {NamespaceInode, RunInNamespace};
}

}  // namespace conntrack::kernel
