// The advice for programs.
#pragma once

#include <string>

#include "exporter/commands/advise/advice.h"

namespace conntrack::exporter::advise {

/// One JSON object. What is not known is absent.
[[nodiscard]] std::string JsonDocument(const Machine& machine, const Advice& advice);

}  // namespace conntrack::exporter::advise
