// conntrack_exporter advise
#pragma once

#include <array>
#include <ostream>
#include <string_view>

#include "collectors/kernel_access.h"
#include "diagnosis/sizing_advice.h"
#include "exporter/command_line/options.h"

namespace conntrack::exporter {

/// The collectors that read what an advice reads.
inline constexpr std::array<std::string_view, 2> kAdviseReads = {"table", "flows"};

/// \brief  Reads the machine and prints what to set and why, or writes the files to set it with.
/// Yields the exit code: 0, 1 where nothing of the machine can be read or a file cannot be written,
/// 2 where the folder is refused or has such files already.
[[nodiscard]] int Advise(const Options& options, const KernelAccess& access, std::ostream& out,
                         std::ostream& err);

/// The same for a machine that was read before.
[[nodiscard]] int AdviseFor(const Machine& machine, const Options& options, std::ostream& out,
                            std::ostream& err);

}  // namespace conntrack::exporter
