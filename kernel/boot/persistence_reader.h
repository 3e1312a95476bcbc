// Reads both sides of the comparison: what runs, and what would boot.
#pragma once

#include <optional>
#include <vector>

#include "kernel/boot/persistence.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

struct PersistenceReport {
  std::vector<SettingPersistence> settings;  ///< By name.
  std::vector<UnreadableFile> unreadable;
  bool boot_namespace = true;  ///< False where only the host's global settings could be judged.
};

/// \brief  Why there are no boot files of this host below `root`; nothing where there are.
///
/// A container has a file system of its own, the boot files of which have no say on the host. Ours
/// is such a one where `root` is "/" and the process namespace is not the first of the host.
/// Errors:  kAbsent with the remedy, kDenied.
[[nodiscard]] std::optional<Error> CheckBootFiles(const KernelFiles& root, const KernelFiles& proc);

/// \brief  Compares every sysctl nf_conntrack_* of the running kernel with what the boot files of
///         the host would set.
///
/// Source:  see ReadBootConfig() and ComparePersistence(). Timeouts and switches are those of one
///          network namespace, and boot files are for that of the first process: it is ours where
///          net.nf_conntrack_max is there, which only the first namespace of the host has, or where
///          /proc/1/ns/net is ours, or the files of /proc/1/net are where that link is not shown.
/// Errors:  kAbsent where connection tracking is not loaded; those of CheckBootFiles().
/// Threads and cost: any thread; some 150 system calls for the running values and some hundreds for
///          the files: not for every scrape.
[[nodiscard]] Result<PersistenceReport> ReadPersistence(const KernelFiles& root,
                                                        const KernelFiles& proc,
                                                        const KernelFiles& sys);

}  // namespace conntrack::kernel
