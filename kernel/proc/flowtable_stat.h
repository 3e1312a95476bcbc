// Pending hardware offload tasks, from /proc/net/stat/nf_flowtable.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kernel/result.h"

namespace conntrack::kernel {

inline constexpr std::string_view kFlowtableStatPath = "net/stat/nf_flowtable";

/// Tasks on a flow in hardware: add it, delete it, fetch its counters.
inline constexpr std::array<std::string_view, 3> kFlowtableTasks = {"add", "del", "stats"};

/// Tasks that are queued or in progress, by kFlowtableTasks. Absent if the kernel has no such
/// column.
using FlowtableTasks = std::array<std::optional<std::uint32_t>, kFlowtableTasks.size()>;

/// \brief  Parses the whole text of /proc/net/stat/nf_flowtable.
/// Source:  nf_flow_table_cpu_seq_show() in nf_flow_table_procfs.c (since 6.0, with
///          CONFIG_NF_FLOW_TABLE_PROCFS): columns wq_add, wq_del and wq_stats, in decimal, a row
///          per possible CPU. A task may be queued on one CPU and completed on another. So only
///          sums have a meaning, modulo 2^32. A sum that is read while tasks move may be negative;
///          it is returned as 0.
/// Errors:  kMalformed if no column is known, if a row is narrower than the header, or if a word is
///          not a number.
/// Threads and cost: pure; O(CPUs).
[[nodiscard]] Result<FlowtableTasks> ParseFlowtableStat(std::string_view text);

}  // namespace conntrack::kernel
