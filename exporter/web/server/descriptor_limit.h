// How many files this process may have open.
#pragma once

#include <cstddef>

#include "kernel/result.h"

namespace conntrack::exporter::web {

/// \brief  Raises the soft limit to at least `wanted`, as far as the hard one allows.
///
/// So that connections never use up what the collectors need to open, and accept(2) never fails for
/// want of a descriptor: CivetWeb would try again without end.
/// Errors:  kDenied where the hard limit is lower.
/// Threads: any; the limit is the process's.
[[nodiscard]] Result<void> AllowOpenFiles(std::size_t wanted);

}  // namespace conntrack::exporter::web
