// Whatever arrives on a netlink socket, down to the counts that come of it.
#include <cstddef>
#include <cstdint>

#include "collectors/event_counts.h"
#include "collectors/flow_counts.h"
#include "collectors/kernel/ctnetlink_stat.h"
#include "collectors/kernel/flow_event.h"
#include "collectors/kernel/flow_message.h"
#include "collectors/kernel/netlink_datagram.h"

using namespace conntrack;  // NOLINT(google-build-using-namespace): a fuzz target is one function
using namespace conntrack::kernel;  // NOLINT(google-build-using-namespace)

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  static FlowCounts counts;
  counts.Begin();
  std::uint64_t decoded = 0;
  const auto visit = [&](Bytes payload) {
    if (const auto flow = DecodeFlow(payload)) {
      counts.Visit(*flow);
      ++decoded;
    }
  };
  (void)ForEachMessage(bytes, Expected{.port_id = 0, .sequence = 0, .reply_type = 0x100}, visit);
  visit(bytes);
  if (counts.flows() != decoded) __builtin_trap();
  static EventCounts events;
  (void)ForEachFlowEvent(bytes, [](const FlowEvent& event) { events.Add(event, 0); });
  ConntrackStat stat;
  (void)AddCpuStatMessage(bytes, stat);
  (void)ParseTableStatMessage(bytes);
  (void)ParseExpectationMessage(bytes);
  return 0;
}
