// What the log says of a process that begins to publish.
#pragma once

#include "exporter/command_line/options.h"

namespace conntrack::exporter {

/// Logs version and collectors, and those that are left out here with the reason and the remedy.
void LogStart(const Options& options);

}  // namespace conntrack::exporter
