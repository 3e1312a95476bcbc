// conntrack_exporter report
#pragma once

#include <array>
#include <string_view>

#include "collectors/kernel_access.h"
#include "exporter/command_line/options.h"

namespace conntrack::exporter {

/// The collectors that read what a report reads.
inline constexpr std::array<std::string_view, 4> kReportReads = {"table", "stat", "flows",
                                                                 "persistence"};

/// \brief  Prints what is going on in the table and what is wrong with it, once, or again and again
/// until SIGINT or SIGTERM. Yields the exit code: 0 when done, also with findings; 1 where nothing
/// could be read.
///
/// Takes some two seconds: what was lost lately is the difference of two readings.
[[nodiscard]] int Report(const Options& options, KernelAccess access);

}  // namespace conntrack::exporter
