// A file for /etc/sysctl.d.
#pragma once

#include <string>

#include "exporter/commands/advise/advice.h"

namespace conntrack::exporter::advise {

/// Limit, buckets and timeouts, each with its reason; what this kernel cannot be told so is a
/// comment.
[[nodiscard]] std::string SysctlFile(const Machine& machine, const Advice& advice);

}  // namespace conntrack::exporter::advise
