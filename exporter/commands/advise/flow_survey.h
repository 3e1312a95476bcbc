// Who fills the table, from one walk.
#pragma once

#include <chrono>

#include "collectors/kernel_access.h"
#include "exporter/commands/advise/machine.h"

namespace conntrack::exporter::advise {

/// \brief  Walks the table once.
/// Source, errors, cost: those of kernel::CtnetlinkFlowSource.
[[nodiscard]] Result<FlowSurvey> SurveyFlows(const KernelAccess& access,
                                             std::chrono::nanoseconds max_hold,
                                             std::size_t top_services);

}  // namespace conntrack::exporter::advise
