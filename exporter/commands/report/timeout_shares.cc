#include "exporter/commands/report/timeout_shares.h"

#include <algorithm>

namespace conntrack::exporter::report {

std::vector<TimeoutShare> TimeoutSharesOf(const FlowFigures& flows) {
  std::vector<TimeoutShare> shares;
  for (const auto& state : flows.states) {
    auto share = std::find_if(shares.begin(), shares.end(), [&state](const TimeoutShare& known) {
      return known.seconds == state.timeout;
    });
    if (share == shares.end()) share = shares.insert(shares.end(), {state.timeout, 0, {}});
    share->flows += state.flows;
    share->states.push_back(state.protocol + " " + state.state);
  }
  std::stable_sort(shares.begin(), shares.end(),
                   [](const TimeoutShare& a, const TimeoutShare& b) { return a.flows > b.flows; });
  return shares;
}

}  // namespace conntrack::exporter::report
