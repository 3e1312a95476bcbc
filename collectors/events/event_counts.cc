#include "collectors/events/event_counts.h"

#include <netinet/in.h>

#include <algorithm>
#include <numeric>

namespace conntrack {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;

std::size_t LifetimeProtocol(std::uint8_t protocol) {
  switch (protocol) {
    case IPPROTO_TCP:
      return 0;
    case IPPROTO_UDP:
      return 1;
    default:
      return 2;
  }
}

}  // namespace

std::uint64_t EventCounts::Lifetimes::count() const {
  return std::accumulate(flows.begin(), flows.end(), std::uint64_t{0});
}

void EventCounts::Add(const kernel::FlowEvent& event, std::uint64_t received) {
  ++events_[static_cast<std::size_t>(event.kind)][event.protocol];
  if (event.kind != kernel::FlowEventKind::kDestroy || !event.start) return;
  const auto stop = event.stop.value_or(received);
  // The kernel's timestamps follow the clock of the day, which may have been set back meanwhile.
  const double seconds =
      stop > *event.start ? static_cast<double>(stop - *event.start) / kNanosecondsPerSecond : 0;
  auto& lifetimes = lifetimes_[LifetimeProtocol(event.protocol)];
  const auto* bound = std::lower_bound(kLifetimeBounds.begin(), kLifetimeBounds.end(), seconds);
  ++lifetimes.flows[static_cast<std::size_t>(bound - kLifetimeBounds.begin())];
  lifetimes.seconds += seconds;
}

}  // namespace conntrack
