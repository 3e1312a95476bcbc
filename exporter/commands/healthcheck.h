// conntrack_exporter healthcheck
#pragma once

#include <ostream>

#include "exporter/command_line/options.h"

namespace conntrack::exporter {

/// \brief  Asks the exporter that runs on this machine whether it is well, for images that have no
/// shell and no curl. Yields the exit code: 0 where it is, 1 where it is not, 2 where it cannot be
/// told whom to ask.
///
/// Healthy is an answer of 200, and of 401 too: then the exporter answers and wants to know who
/// asks. Credentials on the command line of a probe could be read by everyone on the machine.
[[nodiscard]] int Healthcheck(const Options& options, std::ostream& out, std::ostream& err);

}  // namespace conntrack::exporter
