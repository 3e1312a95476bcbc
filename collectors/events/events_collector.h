// conntrack_events_*: how fast flows come and go.
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

/// \brief  New, changed and destroyed flows by protocol, how long flows lived, and what was lost on
/// the way.
/// Source:  ctnetlink's events since the start of the exporter; with nf_conntrack_events=2 only of
///          entries made since. Lifetimes are CTA_TIMESTAMP, with nf_conntrack_timestamp=1, and
///          include the last timeout.
/// Units:   events, cumulative, each heard one counted once; seconds.
/// Errors:  kDenied without CAP_NET_ADMIN; kAbsent where nf_conntrack_events is 0 or not there.
/// Threads and cost: any thread; the kernel takes 1 to 3 us more for each event, 32 bytes an entry.
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
