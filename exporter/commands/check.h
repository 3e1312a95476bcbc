// conntrack_exporter check
#pragma once

#include <ostream>

#include "exporter/command_line/options.h"
#include "exporter/confinement/confinement_needs.h"
#include "exporter/metrics/scraper.h"

namespace conntrack::exporter {

/// \brief  Tries every collector that is on once and prints what can be read, what cannot, why, and
/// the remedy; those that are off because they cannot be read here are named too. Then come the
/// process's own rights: what it holds at this moment, as the kernel has it, how it is confined,
/// and which capability each collector uses, with whether it is held. Yields the exit code: 0 where
/// all that are on can read, 1 where one cannot.
[[nodiscard]] int Check(const Options& options, std::vector<NamedCollector> collectors,
                        const std::vector<CollectorUse>& uses, std::ostream& out);

}  // namespace conntrack::exporter
