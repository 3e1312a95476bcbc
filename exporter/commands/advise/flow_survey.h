// Who fills the table, from one walk.
#pragma once

#include <cstddef>

#include "collectors/flows/flow_source_choice.h"
#include "collectors/kernel_access.h"
#include "diagnosis/sizing_advice.h"

namespace conntrack::exporter::advise {

/// \brief  Walks the table once.
/// Source, errors, cost: those of the source that was chosen.
[[nodiscard]] Result<FlowSurvey> SurveyFlows(const KernelAccess& access,
                                             const FlowSourceOptions& flows,
                                             std::size_t top_services);

}  // namespace conntrack::exporter::advise
