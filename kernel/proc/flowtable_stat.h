// /proc/net/stat/nf_flowtable: flows on their way to hardware.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kernel/result.h"

namespace conntrack::kernel {

inline constexpr std::string_view kFlowtableStatPath = "net/stat/nf_flowtable";

/// What the tasks do with a flow in hardware: add it, delete it, fetch its counters.
inline constexpr std::array<std::string_view, 3> kFlowtableTasks = {"add", "del", "stats"};

/// Tasks that are queued or being done, by kFlowtableTasks; absent where the kernel has no such
/// column.
using FlowtableTasks = std::array<std::optional<std::uint32_t>, kFlowtableTasks.size()>;

/// \brief  Parses the whole text of /proc/net/stat/nf_flowtable.
/// Source:  nf_flow_table_cpu_seq_show() in nf_flow_table_procfs.c (since 6.0, with
///          CONFIG_NF_FLOW_TABLE_PROCFS): the columns wq_add, wq_del and wq_stats, in decimal, for
///          each possible CPU. A task may be queued on one CPU and done on another, so that only
///          sums mean anything, modulo 2^32. One that is read while tasks move may fall below zero:
///          it is 0 then.
/// Errors:  kMalformed without a known column, for a row that is narrower than the header, or a
///          word that is no number.
/// Threads and cost: pure; O(CPUs).
[[nodiscard]] Result<FlowtableTasks> ParseFlowtableStat(std::string_view text);

}  // namespace conntrack::kernel
