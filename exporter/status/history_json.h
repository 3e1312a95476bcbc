// The last day as JSON: the response of /history.json and the input of `report --from`.
#pragma once

#include <string>
#include <string_view>

#include "diagnosis/day_history.h"
#include "exporter/commands/report/formats.h"
#include "kernel/result.h"

namespace conntrack::exporter::status {

/// \brief  Returns one object. Its keys are stable, see docs/status-page.md. Unknown values are
/// null.
/// Threads and cost: pure; about 0.5 MB for a whole day.
[[nodiscard]] std::string RenderHistoryJson(const report::Heading& heading, const DayView& day);

struct History {
  report::Heading heading;
  DayView day;
};

/// \brief  Parses the output of RenderHistoryJson().
/// Errors:  kMalformed if it is anything else.
[[nodiscard]] Result<History> ParseHistoryJson(std::string_view text);

}  // namespace conntrack::exporter::status
