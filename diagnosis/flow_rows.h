// Table rows of flows by state, protocol, timeout and talker.
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
  std::string more = {};  ///< Third column.
  bool others = false;    ///< Sum of all flows without a row of their own.
};

/// Rows "tcp ESTABLISHED", with the timeout.
[[nodiscard]] std::vector<FlowRow> StateRows(const FlowFigures& flows);

/// Rows with the share of unreplied flows.
[[nodiscard]] std::vector<FlowRow> ProtocolRows(const FlowFigures& flows);

[[nodiscard]] std::vector<FlowRow> TalkerRows(const Ranking& ranking);

/// Returns the sum of all flows in the ranking, including `other`.
[[nodiscard]] std::uint64_t FlowsOf(const Ranking& ranking);

/// Returns the first `most` workloads that have flows, then "all others" if those have any.
[[nodiscard]] std::vector<WorkloadFlows> ShownWorkloads(const WorkloadsSummary& workloads,
                                                        std::size_t most);

/// Returns "unit nginx.service" or "host".
[[nodiscard]] std::string NameOf(const Workload& workload);

/// \brief  Returns the first `most` rows, then "all others" with the sum of `others` and of the
/// rows left out, if that is not 0.
[[nodiscard]] std::vector<FlowRow> TopRows(std::vector<FlowRow> rows, std::size_t most,
                                           std::uint64_t others = 0);

/// Flows with the same timeout.
struct TimeoutShare {
  std::optional<std::uint64_t> seconds;  ///< Absent: no timeout is known for these states.
  std::uint64_t flows = 0;
  std::vector<std::string> states;  ///< "tcp ESTABLISHED", the most frequent first.
};

/// Groups the states of flows by timeout, the group with the most flows first.
[[nodiscard]] std::vector<TimeoutShare> TimeoutSharesOf(const FlowFigures& flows);

}  // namespace conntrack
