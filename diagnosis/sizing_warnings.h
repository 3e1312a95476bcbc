// What may go wrong with a machine and the advice for it.
#pragma once

#include <string>
#include <vector>

#include "diagnosis/sizing_advice.h"

namespace conntrack {

/// What is wrong on this machine, or will be once the advice is followed. Looks at all of `advice`
/// but its warnings and notes.
[[nodiscard]] std::vector<std::string> SizingWarnings(const Machine& machine,
                                                      const SizingOptions& options,
                                                      const SizingAdvice& advice);

/// What to know whatever the machine.
[[nodiscard]] std::vector<std::string> SizingNotes(const SizingAdvice& advice);

}  // namespace conntrack
