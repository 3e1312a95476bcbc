// The last day as JSON: what /history.json answers, and what `report --from` reads.
#pragma once

#include <string>
#include <string_view>

#include "diagnosis/day_history.h"
#include "exporter/commands/report/formats.h"
#include "kernel/result.h"

namespace conntrack::exporter::status {

/// \brief  One object; its keys are a contract, see docs/status-page.md. What is unknown is null.
/// Threads and cost: pure; some 0.5 MB for a whole day.
[[nodiscard]] std::string RenderHistoryJson(const report::Heading& heading, const DayView& day);

struct History {
  report::Heading heading;
  DayView day;
};

/// \brief  Reads it back.
/// Errors: kMalformed where it is something else.
[[nodiscard]] Result<History> ParseHistoryJson(std::string_view text);

}  // namespace conntrack::exporter::status
