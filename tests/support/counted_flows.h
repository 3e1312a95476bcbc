// Flows for tests of what is made of counts.
#pragma once

#include <cstdint>

#include "collectors/flows/flow_counts.h"

namespace conntrack::test {

/// Counts so many flows that are alike. A `state` below 0: the protocol has none.
inline void CountFlows(FlowCounts& counts, std::uint8_t family, std::uint8_t protocol, int state,
                       std::uint32_t status, int times) {
  kernel::Flow flow;
  flow.family = family;
  flow.protocol = protocol;
  if (state >= 0) flow.state = static_cast<std::uint8_t>(state);
  flow.status = status;
  for (int i = 0; i < times; ++i) counts.Visit(flow);
}

}  // namespace conntrack::test
