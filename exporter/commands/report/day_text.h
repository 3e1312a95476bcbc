// The last day of an exporter for a terminal.
#pragma once

#include <string>

#include "diagnosis/day_history.h"
#include "exporter/commands/report/formats.h"

namespace conntrack::exporter::report {

/// \brief  The last hour and the last day: the entries as columns, and the figures of the status
/// page. Pure.
[[nodiscard]] std::string RenderDay(const Heading& heading, const DayView& day,
                                    const TextStyle& style);

}  // namespace conntrack::exporter::report
