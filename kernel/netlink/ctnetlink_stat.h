// The statistics of connection tracking over ctnetlink.
#pragma once

#include <cstdint>
#include <optional>

#include "kernel/netlink/netlink_message.h"
#include "kernel/netlink/netlink_socket.h"
#include "kernel/proc/conntrack_stat.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// Entries in the table of a namespace, and the limit that its count is compared with.
struct TableStat {
  std::optional<std::uint32_t> entries;
  std::optional<std::uint32_t> limit;  ///< Since 4.19 or shortly before.
};

/// \brief  One message of IPCTNL_MSG_CT_GET_STATS_CPU into `stat`.
/// Source:  ctnetlink_ct_stat_cpu_fill_info(): the CPU in res_id, then be32 attributes; unknown
///          ones go to `unknown`.
/// Errors:  kMalformed if the message is shorter than its header, or an attribute is cut off or not
///          32 bits wide.
[[nodiscard]] Result<void> AddCpuStatMessage(Bytes payload, ConntrackStat& stat);

/// \brief  One message of IPCTNL_MSG_CT_GET_STATS.
/// Errors:  as AddCpuStatMessage().
[[nodiscard]] Result<TableStat> ParseTableStatMessage(Bytes payload);

/// \brief  One message of IPCTNL_MSG_EXP_GET_STATS_CPU: expectations created less removed on one
/// CPU, modulo 2^32.
/// Errors:  as AddCpuStatMessage(); kAbsent if the message has neither.
[[nodiscard]] Result<std::uint32_t> ParseExpectationMessage(Bytes payload);

/// \brief  The counters of every possible CPU of this namespace.
/// Source:  IPCTNL_MSG_CT_GET_STATS_CPU, since 3.10; counters start at zero with the namespace and
///          never reset.
/// Units:   events, unsigned 32-bit, wrapping.
/// Errors:  kDenied without CAP_NET_ADMIN; kAbsent without ctnetlink; kMalformed.
/// Threads and cost: any thread; six system calls, O(CPUs).
[[nodiscard]] Result<ConntrackStat> ReadStatPerCpu(const NetlinkSocketFactory& open);

/// \brief  Entries and limit of this namespace; readable where the sysctls are hidden.
/// Errors:  as ReadStatPerCpu().
[[nodiscard]] Result<TableStat> ReadTableStat(const NetlinkSocketFactory& open);

/// \brief  How many expectations there are: created less removed, over all CPUs.
/// Source:  IPCTNL_MSG_EXP_GET_STATS_CPU, since 3.10; every insertion and removal is counted on the
///          CPU that did it.
/// Errors:  as ReadStatPerCpu().
[[nodiscard]] Result<std::uint32_t> ReadExpectations(const NetlinkSocketFactory& open);

}  // namespace conntrack::kernel
