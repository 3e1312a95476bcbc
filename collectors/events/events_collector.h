// conntrack_events_*: rates of new and destroyed flows.
#pragma once

#include <cstddef>

#include "collectors/collector.h"
#include "collectors/events/event_listener.h"
#include "collectors/kernel_access.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack {

struct EventsOptions {
  std::size_t buffer_bytes = std::size_t{32} << 20U;
};

/// \brief  New, updated and destroyed flows by protocol, lifetimes of flows, and lost events.
/// Source:  events of ctnetlink since the start of the exporter; with nf_conntrack_events=2, only
///          of entries created since. Lifetimes come from CTA_TIMESTAMP, with
///          nf_conntrack_timestamp=1, and include the last timeout.
/// Units:   events, cumulative, each received one counted once; seconds.
/// Errors:  kDenied without CAP_NET_ADMIN; kAbsent if nf_conntrack_events is 0 or does not exist.
/// Threads and cost: any thread; the kernel needs 1 to 3 us more per event, and 32 bytes per entry.
class EventsCollector final : public Collector {
 public:
  EventsCollector(const KernelAccess& access, std::size_t buffer_bytes)
      : proc_(access.proc), listener_(access.events, buffer_bytes) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  const kernel::KernelFiles proc_;
  EventListener listener_;
};

[[nodiscard]] CatalogueEntry EventsEntry();

}  // namespace conntrack
