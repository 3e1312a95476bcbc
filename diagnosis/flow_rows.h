// Flows by state, protocol, timeout and talker, as rows to show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis/situation.h"

namespace conntrack {

struct FlowRow {
  std::string name;
  std::uint64_t flows = 0;
  std::string more = {};  ///< A third column.
  bool others = false;    ///< All that have no row of their own.
};

/// "tcp ESTABLISHED", with its timeout.
[[nodiscard]] std::vector<FlowRow> StateRows(const FlowFigures& flows);

/// With the share of unreplied flows.
[[nodiscard]] std::vector<FlowRow> ProtocolRows(const FlowFigures& flows);

[[nodiscard]] std::vector<FlowRow> TalkerRows(const Ranking& ranking);

/// The flows of everybody in the ranking, with the others.
[[nodiscard]] std::uint64_t FlowsOf(const Ranking& ranking);

/// The first `most` workloads that have flows, then "all others" where those have any.
[[nodiscard]] std::vector<WorkloadFlows> ShownWorkloads(const WorkloadsSummary& workloads,
                                                        std::size_t most);

/// "unit nginx.service"; "host".
[[nodiscard]] std::string NameOf(const Workload& workload);

/// \brief  The first `most` rows, then "all others" where there are any: `others` and the flows of
/// the rows left out.
[[nodiscard]] std::vector<FlowRow> TopRows(std::vector<FlowRow> rows, std::size_t most,
                                           std::uint64_t others = 0);

/// Flows that live equally long.
struct TimeoutShare {
  std::optional<std::uint64_t> seconds;  ///< Absent: in states for which no timeout is known.
  std::uint64_t flows = 0;
  std::vector<std::string> states;  ///< "tcp ESTABLISHED", the most frequent first.
};

/// Joins the states of flows with their timeouts; what holds most flows first.
[[nodiscard]] std::vector<TimeoutShare> TimeoutSharesOf(const FlowFigures& flows);

}  // namespace conntrack
