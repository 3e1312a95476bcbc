// Statistics of connection tracking over ctnetlink.
#pragma once

#include <cstdint>
#include <optional>

#include "kernel/netlink/netlink_message.h"
#include "kernel/netlink/netlink_socket.h"
#include "kernel/proc/conntrack_stat.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// Number of entries of a namespace, and the limit that the kernel compares it with.
struct TableStat {
  std::optional<std::uint32_t> entries;
  std::optional<std::uint32_t> limit;  ///< Since 4.19 or shortly before.
};

/// \brief  Adds one message of IPCTNL_MSG_CT_GET_STATS_CPU to `stat`.
/// Source:  ctnetlink_ct_stat_cpu_fill_info(): the CPU in res_id, then be32 attributes. Unknown
///          attributes are added to `unknown`.
/// Errors:  kMalformed if the message is shorter than its header, or if an attribute is cut off or
///          not 32 bits wide.
[[nodiscard]] Result<void> AddCpuStatMessage(Bytes payload, ConntrackStat& stat);

/// \brief  Parses one message of IPCTNL_MSG_CT_GET_STATS.
/// Errors:  see AddCpuStatMessage().
[[nodiscard]] Result<TableStat> ParseTableStatMessage(Bytes payload);

/// \brief  Parses one message of IPCTNL_MSG_EXP_GET_STATS_CPU. Returns expectations created less
///         removed on one CPU, modulo 2^32.
/// Errors:  see AddCpuStatMessage(); kAbsent if the message has neither number.
[[nodiscard]] Result<std::uint32_t> ParseExpectationMessage(Bytes payload);

/// \brief  Returns the counters of every possible CPU, for this namespace.
/// Source:  IPCTNL_MSG_CT_GET_STATS_CPU, since 3.10; counters start at zero with the namespace and
///          are never reset.
/// Units:   events, unsigned 32-bit, wrapping.
/// Errors:  kDenied without CAP_NET_ADMIN; kAbsent without ctnetlink; kMalformed.
/// Threads and cost: any thread; six system calls, O(CPUs).
[[nodiscard]] Result<ConntrackStat> ReadStatPerCpu(const NetlinkSocketFactory& open);

/// \brief  Returns entries and limit of this namespace. Works where the sysctls are hidden.
/// Errors:  see ReadStatPerCpu().
[[nodiscard]] Result<TableStat> ReadTableStat(const NetlinkSocketFactory& open);

/// \brief  Returns the current number of expectations: created less removed, over all CPUs.
/// Source:  IPCTNL_MSG_EXP_GET_STATS_CPU, since 3.10. The kernel counts each insertion and removal
///          on the CPU that performs it.
/// Errors:  see ReadStatPerCpu().
[[nodiscard]] Result<std::uint32_t> ReadExpectations(const NetlinkSocketFactory& open);

}  // namespace conntrack::kernel
