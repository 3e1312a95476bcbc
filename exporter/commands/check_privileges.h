// The part of `check` about the process's own rights.
#pragma once

#include <ostream>

#include "exporter/command_line/options.h"
#include "exporter/confinement/confinement_needs.h"

namespace conntrack::exporter {

/// \brief  Prints what the process holds at this moment, as the kernel has it, how it is confined,
///         and which capability each collector has a use for, with whether it is held.
void PrintPrivileges(const Options& options, const std::vector<CollectorUse>& uses,
                     std::ostream& out);

}  // namespace conntrack::exporter
