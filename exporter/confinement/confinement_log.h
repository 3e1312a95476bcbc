// What the log says of the process's own rights.
#pragma once

#include "exporter/confinement/confinement.h"

namespace conntrack::exporter {

/// One line for what is held and confined, one more for each thing that could not be.
void LogConfinement(const confinement::Confinement& confinement);

}  // namespace conntrack::exporter
