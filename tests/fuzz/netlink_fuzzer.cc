// Whatever arrives on a netlink socket, down to the counts that come of it.
#include <cstddef>
#include <cstdint>
#include <string>

#include "collectors/events/event_listener.h"
#include "collectors/flows/flow_tally.h"
#include "kernel/netlink/ctnetlink_stat.h"
#include "kernel/netlink/expectation.h"
#include "kernel/netlink/flow_message.h"
#include "kernel/netlink/netlink_message.h"

using namespace conntrack;  // NOLINT(google-build-using-namespace): a fuzz target is one function
using namespace conntrack::kernel;  // NOLINT(google-build-using-namespace)

namespace {

template <class Name>
std::uint64_t SumOf(const TopList<Name>& list) {
  auto sum = list.other;
  for (const auto& entry : list.top) sum += entry.flows;
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  static FlowTally tally(
      {.talkers = TalkersOptions{.ipv4_prefix = 23,
                                 .classes = {{{2, 8, {10}}, "ten"}, {{10, 16, {32, 1}}, "two"}}},
       .snat_top = 10});
  tally.Begin();
  std::uint64_t decoded = 0;
  const auto visit = [&](Bytes payload) {
    if (const auto flow = DecodeFlow(payload)) {
      tally.Visit(*flow);
      ++decoded;
    }
  };
  (void)ForEachMessage(bytes, ReplyFilter{.port_id = 0, .sequence = 0, .reply_type = 0x100}, visit);
  visit(bytes);
  const auto summary = tally.Summary();
  if (summary.counts.flows() != decoded) __builtin_trap();
  if (SumOf(summary.talkers->sources) != decoded) __builtin_trap();
  if (SumOf(summary.talkers->destinations) != decoded) __builtin_trap();
  if (SumOf(summary.talkers->services) != decoded) __builtin_trap();
  if (SumOf(summary.snat->tuples) > decoded) __builtin_trap();
  static EventCounts events;
  (void)ForEachFlowEvent(bytes, [](const FlowEvent& event) { events.Add(event, 0); });
  ConntrackStat stat;
  (void)AddCpuStatMessage(bytes, stat);
  (void)ParseTableStatMessage(bytes);
  (void)ParseExpectationMessage(bytes);
  if (const auto helper = ParseExpectationHelper(bytes)) {
    if (helper->find('\0') != std::string::npos) __builtin_trap();
  }
  return 0;
}
