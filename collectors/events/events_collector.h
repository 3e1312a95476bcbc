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
///
/// Source:  ctnetlink's events, heard since the start of the exporter. With nf_conntrack_events=2
///          (6.1 and later) entries have events only if they were made while somebody listened: the
///          end of older ones is never heard of. Lifetimes are CTA_TIMESTAMP of entries made with
///          nf_conntrack_timestamp=1; they include the timeout that a flow waited for at its end.
/// Units:   events, cumulative, each heard one counted once; seconds.
/// Errors:  kDenied without CAP_NET_ADMIN; kAbsent where nf_conntrack_events is 0 or not there,
///          since no event says nothing then. Lifetimes are omitted where timestamps are off.
/// Threads and cost: any thread; see EventListener. The kernel takes one to three microseconds more
///          for each event with a listener, and 32 bytes or more for each entry.
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
