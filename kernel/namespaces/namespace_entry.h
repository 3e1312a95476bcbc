// Entering network namespaces.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "kernel/result.h"

namespace conntrack::kernel {

/// Operations on nsfs. Tests replace them.
struct NamespaceEntry {
  /// Returns the inode of the namespace that is mounted at a path; kAbsent for an ordinary file.
  std::function<Result<std::uint64_t>(const std::filesystem::path&)> inode;
  /// Runs `work` to completion inside the network namespace at a path.
  std::function<Result<void>(const std::filesystem::path&, const std::function<void()>& work)>
      run_inside;
};

/// \brief  Returns the inode of the namespace that is bound to `path`. It is the number in `lsns`,
///         in the kernel log and in the links in /proc/PID/ns.
/// Source:  statfs(2) and stat(2); nsfs since Linux 3.19.
/// Errors:  kAbsent if there is nothing, or an ordinary file. `ip netns` creates that first, and if
///          its mount does not propagate into a container, only the file is visible there.
/// Threads and cost: any thread; two system calls. Needs no capability.
[[nodiscard]] Result<std::uint64_t> NamespaceInode(const std::filesystem::path& path);

/// \brief  Runs `work` on a new thread inside the network namespace at `path`. The thread ends with
///         the work, so that the exporter leaves nothing inside: a descriptor, socket or thread
///         would keep the namespace and its entries alive.
/// Source:  setns(2) with CLONE_NEWNET.
/// Errors:  kAbsent if there is no namespace; kDenied without CAP_SYS_ADMIN in both user
///          namespaces, or if a seccomp filter refuses setns (RestrictNamespaces= of systemd).
/// Threads and cost: any thread; starts one. `work` must not throw.
[[nodiscard]] Result<void> RunInNamespace(const std::filesystem::path& path,
                                          const std::function<void()>& work);

/// Returns the operations on the running kernel.
[[nodiscard]] inline NamespaceEntry KernelNamespaceEntry() {
  return {NamespaceInode, RunInNamespace};
}

}  // namespace conntrack::kernel
