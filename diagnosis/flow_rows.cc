#include "diagnosis/flow_rows.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "diagnosis/format.h"

namespace conntrack {

std::vector<FlowRow> StateRows(const FlowFigures& flows) {
  std::vector<FlowRow> rows;
  for (const auto& [protocol, state, count, timeout] : flows.states) {
    auto name = protocol;
    name.append(" ").append(state);
    rows.push_back({std::move(name), count, timeout ? Span(*timeout) : ""});
  }
  return rows;
}

std::vector<FlowRow> ProtocolRows(const FlowFigures& flows) {
  std::vector<FlowRow> rows;
  for (const auto& [protocol, count, unreplied] : flows.protocols) {
    rows.push_back({protocol, count, PercentOf(unreplied, count)});
  }
  return rows;
}

std::vector<FlowRow> TalkerRows(const Ranking& ranking) {
  std::vector<FlowRow> rows;
  for (const auto& [name, count] : ranking.top) rows.push_back({name, count});
  return rows;
}

std::uint64_t FlowsOf(const Ranking& ranking) {
  std::uint64_t flows = ranking.other;
  for (const auto& talker : ranking.top) flows += talker.flows;
  return flows;
}

std::vector<WorkloadFlows> ShownWorkloads(const WorkloadsSummary& workloads, std::size_t most) {
  std::vector<WorkloadFlows> shown;
  WorkloadFlows others{
      {"all others", "all others"}, workloads.other.opened, workloads.other.received};
  for (const auto& flows : workloads.top) {
    if (flows.opened + flows.received == 0) continue;
    if (shown.size() < most) {
      shown.push_back(flows);
    } else {
      others.opened += flows.opened;
      others.received += flows.received;
    }
  }
  if (others.opened + others.received > 0) shown.push_back(others);
  return shown;
}

std::string NameOf(const Workload& workload) {
  return workload.kind == workload.name ? workload.name : workload.kind + " " + workload.name;
}

std::vector<FlowRow> TopRows(std::vector<FlowRow> rows, std::size_t most, std::uint64_t others) {
  for (; rows.size() > most; rows.pop_back()) others += rows.back().flows;
  if (others > 0) rows.push_back({"all others", others, "", true});
  return rows;
}

std::vector<TimeoutShare> TimeoutSharesOf(const FlowFigures& flows) {
  std::vector<TimeoutShare> shares;
  for (const auto& state : flows.states) {
    auto share = std::ranges::find(shares, state.timeout, &TimeoutShare::seconds);
    if (share == shares.end()) share = shares.insert(shares.end(), {state.timeout, 0, {}});
    share->flows += state.flows;
    share->states.push_back(state.protocol + " " + state.state);
  }
  std::ranges::stable_sort(shares, std::greater{}, &TimeoutShare::flows);
  return shares;
}

}  // namespace conntrack
