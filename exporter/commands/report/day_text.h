// The last day of an exporter, as text for a terminal.
#pragma once

#include <string>

#include "diagnosis/day_history.h"
#include "exporter/commands/report/formats.h"

namespace conntrack::exporter::report {

/// \brief  Returns the last hour and the last day: a column chart of the entries, and the figures
/// of the status page. Pure.
[[nodiscard]] std::string RenderDay(const Heading& heading, const DayView& day,
                                    const TextStyle& style);

}  // namespace conntrack::exporter::report
