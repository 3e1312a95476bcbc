// Entries and counters of any network namespace.
#pragma once

#include <cstdint>
#include <optional>

#include "kernel/namespaces/namespace_entry.h"
#include "kernel/namespaces/namespaces.h"
#include "kernel/netlink/netlink_socket.h"
#include "kernel/proc/conntrack_stat.h"
#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

struct NamespaceCounts {
  std::uint64_t entries = 0;
  ConntrackStat stat;
  /// Inode of the statistics file, if it was read from inside the namespace.
  std::optional<std::uint64_t> stat_inode;
};

struct NamespaceReaders {
  const KernelFiles& proc;
  const NetlinkSocketFactory& netlink;
  const NamespaceEntry& entry;
};

/// \brief  Reads the entries and the counters of a namespace; std::nullopt if it is gone.
/// Source:  /proc/PID/net/stat/nf_conntrack of any process inside, which needs no capability. If
///          there is no process, the same file on a thread that enters the namespace. If there is
///          no file, ctnetlink on that thread.
/// Units:   entries, current; events since the namespace was created, 32 bits, wrapping, per CPU.
/// Errors:  kDenied if the namespace must be entered and that is not allowed; kMalformed.
/// Threads and cost: any thread; four system calls, or one thread and about ten.
[[nodiscard]] Result<std::optional<NamespaceCounts>> ReadNamespaceCounts(
    const NetworkNamespace& found, bool has_stat_files, const NamespaceReaders& readers);

}  // namespace conntrack::kernel
