// Which timeouts hold the table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis/situation.h"

namespace conntrack::exporter::report {

/// Flows that live equally long.
struct TimeoutShare {
  std::optional<std::uint64_t> seconds;  ///< Absent: in states for which no timeout is known.
  std::uint64_t flows = 0;
  std::vector<std::string> states;  ///< "tcp ESTABLISHED", the most frequent first.
};

/// Joins the states of flows with their timeouts; what holds most flows first.
[[nodiscard]] std::vector<TimeoutShare> TimeoutSharesOf(const FlowFigures& flows);

}  // namespace conntrack::exporter::report
