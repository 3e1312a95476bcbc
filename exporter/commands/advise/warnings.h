// What may go wrong.
#pragma once

#include <string>
#include <vector>

#include "exporter/commands/advise/advice.h"

namespace conntrack::exporter::advise {

/// What is wrong on this machine, or will be once the advice is followed. Looks at all of `advice`
/// but its warnings and notes.
[[nodiscard]] std::vector<std::string> WarningsFor(const Machine& machine,
                                                   const AdviseOptions& options,
                                                   const Advice& advice);

/// What to know whatever the machine.
[[nodiscard]] std::vector<std::string> NotesFor(const Advice& advice);

/// What a NOTRACK rule breaks; also the head of the files that have such rules.
[[nodiscard]] std::vector<std::string> NotrackWarnings();

}  // namespace conntrack::exporter::advise
