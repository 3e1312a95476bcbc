// The advice for a person.
#pragma once

#include <string>

#include "exporter/commands/advise/advice.h"

namespace conntrack::exporter::advise {

/// What is, what to set and why, what may go wrong; without the commands at its end.
[[nodiscard]] std::string Text(const Machine& machine, const Advice& advice);

}  // namespace conntrack::exporter::advise
