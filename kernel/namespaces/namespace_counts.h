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
  /// Of the statistics file, if it was read from inside.
  std::optional<std::uint64_t> stat_inode;
};

struct NamespaceReaders {
  const KernelFiles& proc;
  const NetlinkSocketFactory& netlink;
  const NamespaceEntry& entry;
};

/// \brief  Reads the entries and the counters of a namespace. Nothing if it is gone.
/// Source:  /proc/PID/net/stat/nf_conntrack of any process inside, which needs no capability;
///          without one, that of a thread that has entered, or ctnetlink on that thread if there is
///          no file.
/// Units:   entries, current; events since the namespace was made, 32 bits, wrapping, per CPU.
/// Errors:  kDenied if it has to be entered and may not; kMalformed.
/// Threads and cost: any thread; four system calls, or a thread and about ten.
[[nodiscard]] Result<std::optional<NamespaceCounts>> ReadNamespaceCounts(
    const NetworkNamespace& found, bool has_stat_files, const NamespaceReaders& readers);

}  // namespace conntrack::kernel
