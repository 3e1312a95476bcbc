// /proc/net/stat/nf_conntrack.
#pragma once

#include <string_view>
#include <vector>

#include "kernel/proc/conntrack_stat.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// The file, below the proc root. It shows the network namespace of the process that reads.
inline constexpr std::string_view kProcStatPath = "net/stat/nf_conntrack";

/// \brief  Parses the whole text of /proc/net/stat/nf_conntrack.
///
/// Source:  ct_cpu_seq_show() in nf_conntrack_standalone.c; needs CONFIG_NF_CONNTRACK_PROCFS, mode
///          0444. A header line, then a row of hexadecimal numbers for each possible CPU. 16
///          columns in 2.6.32, 17 from 3.x on; `searched` became `clashres` in 5.10 and
///          `delete_list` became `chainlength` in 5.15, at the same place: columns are found by
///          name, never by position. The CPU's number is not in the file: `possible` gives it, row
///          by row.
/// Units:   events since the namespace was made; unsigned 32-bit, wrapping.
/// Errors:  kMalformed where there is no header, no row, a row of another width than the header, a
///          word that is not hexadecimal, or another number of rows than of possible CPUs. Columns
///          that we do not know are named in `unknown`; columns that are missing leave their
///          counter absent.
/// Threads and cost: pure; O(CPUs).
[[nodiscard]] Result<ConntrackStat> ParseProcStat(std::string_view text,
                                                  const std::vector<std::uint32_t>& possible);

}  // namespace conntrack::kernel
