#include "collectors/events/events_collector.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>

#include "collectors/catalogue_entry.h"
#include "kernel/flow.h"
#include "kernel/proc/sysctl.h"

namespace conntrack {
namespace {

using kernel::FlowEventKind;

bool AlwaysShown(std::uint8_t protocol) {
  return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_ICMP ||
         protocol == IPPROTO_ICMPV6;
}

using ByKind = std::array<std::uint64_t, kernel::kFlowEventNames.size()>;

Family Events(const EventCounts& counts) {
  auto events =
      Counters("conntrack_events_total",
               "Flows created, updated or destroyed since the exporter started to receive "
               "ctnetlink events. Too low after an overrun. Rare protocols are counted as other.");
  const auto add = [&events](const std::string& protocol, const ByKind& numbers) {
    for (std::size_t kind = 0; kind < numbers.size(); ++kind) {
      events.Add({{"event", std::string(kernel::kFlowEventNames[kind])}, {"protocol", protocol}},
                 numbers[kind]);
    }
  };
  // The set of named protocols is fixed: if a counter moved into other, it would look like a reset.
  ByKind other{};
  for (unsigned number = 0; number < 256; ++number) {
    const auto protocol = static_cast<std::uint8_t>(number);
    const ByKind of_protocol = {counts.Of(FlowEventKind::kNew, protocol),
                                counts.Of(FlowEventKind::kUpdate, protocol),
                                counts.Of(FlowEventKind::kDestroy, protocol)};
    if (!kernel::IsTracked(protocol)) {
      std::ranges::transform(other, of_protocol, other.begin(), std::plus{});
    } else if (AlwaysShown(protocol) || of_protocol != ByKind{}) {
      add(kernel::ProtocolName(protocol), of_protocol);
    }
  }
  if (other != ByKind{}) add(kOther, other);
  return events;
}

Family Lifetimes(const EventCounts& counts) {
  Family lifetimes{"conntrack_flow_lifetime_seconds",
                   "Time from the first packet of a destroyed flow to its end, including its "
                   "last timeout. Only flows created with nf_conntrack_timestamp=1.",
                   MetricType::kHistogram,
                   {}};
  for (std::size_t i = 0; i < EventCounts::kLifetimeProtocols.size(); ++i) {
    const auto& of_protocol = counts.lifetimes(i);
    Sample sample{{{"protocol", std::string(EventCounts::kLifetimeProtocols[i])}},
                  static_cast<double>(of_protocol.count())};
    sample.sum = of_protocol.seconds;
    std::uint64_t cumulative = 0;
    for (std::size_t bound = 0; bound < EventCounts::kLifetimeBounds.size(); ++bound) {
      cumulative += of_protocol.flows[bound];
      sample.buckets.push_back({EventCounts::kLifetimeBounds[bound], cumulative});
    }
    lifetimes.samples.push_back(std::move(sample));
  }
  return lifetimes;
}

bool AnyLifetime(const EventCounts& counts) {
  for (std::size_t i = 0; i < EventCounts::kLifetimeProtocols.size(); ++i) {
    if (counts.lifetimes(i).count() > 0) return true;
  }
  return false;
}

/// Fails if the sysctl is 0 or does not exist.
Result<void> RequireSwitch(const kernel::KernelFiles& proc, std::string_view sysctl,
                           const char* message, const char* remedy) {
  const auto value = kernel::ReadSysctl(proc, sysctl);
  if (!value) return Fail(value.error());
  if (*value != 0) return {};
  return Fail(ErrorKind::kAbsent, message, remedy);
}

/// With 0, the kernel sends only events of flows that a rule selected.
Result<void> CheckEventsAreOn(const kernel::KernelFiles& proc) {
  return RequireSwitch(proc, "nf_conntrack_events",
                       "nf_conntrack_events is 0: the kernel sends no events",
                       "set it to 1 (sysctl net.netfilter.nf_conntrack_events=1), or to 2 on Linux "
                       "6.1 and later; it applies to new flows only");
}

Result<void> CheckTimestampsAreOn(const kernel::KernelFiles& proc) {
  return RequireSwitch(
      proc, "nf_conntrack_timestamp", "nf_conntrack_timestamp is 0: flows have no timestamps",
      "set it to 1 (sysctl net.netfilter.nf_conntrack_timestamp=1); it applies to new flows only");
}

}  // namespace

Result<Collection> EventsCollector::Collect(const ScrapeContext& /*context*/) {
  auto totals = listener_.Totals();
  if (!totals) return Fail(std::move(totals.error()));
  if (auto on = CheckEventsAreOn(proc_); !on) return Fail(std::move(on.error()));

  Collection collection;
  collection.source = "ctnetlink";
  auto& families = collection.families;
  families.push_back(Events(totals->counts));
  const auto timestamps = CheckTimestampsAreOn(proc_);
  if (timestamps || AnyLifetime(totals->counts)) {
    families.push_back(Lifetimes(totals->counts));
  } else {
    collection.omissions.push_back({"conntrack_flow_lifetime_seconds", timestamps.error()});
  }
  families.push_back(
      Counter("conntrack_events_overruns_total",
              "Times that the kernel dropped events because the receive buffer was full.",
              totals->overruns));
  if (totals->lost) {
    families.push_back(Counter("conntrack_events_lost_total",
                               "Events that the kernel dropped because the receive buffer was "
                               "full. They are missing from all other metrics.",
                               *totals->lost));
  } else {
    collection.omissions.push_back(
        {"conntrack_events_lost_total",
         Error{ErrorKind::kAbsent, 0,
               "the kernel does not report the number of lost events (SO_MEMINFO)",
               "Linux 4.12 and later do"}});
  }
  families.push_back(Counter("conntrack_events_skipped_total",
                             "Messages from the kernel that could not be parsed as an event.",
                             totals->skipped));
  families.push_back(Gauge("conntrack_events_receive_buffer_bytes",
                           "Size of the receive buffer for events, as granted by the kernel. An "
                           "event takes about 1300 bytes.",
                           totals->buffer_bytes));
  return collection;
}

CatalogueEntry EventsEntry() {
  return {
      .name = "events",
      .summary = "new, updated and destroyed flows, and their lifetimes",
      .needs = "CAP_NET_ADMIN",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<EventsCollector>(
                inputs.access, inputs.options.Get<EventsOptions>().buffer_bytes);
          },
      .flags = {{"buffer-bytes", "BYTES",
                 "Size of the receive buffer for events to request from the kernel, which grants "
                 "twice as much. An event takes about 1300 bytes",
                 NumberFor(&EventsOptions::buffer_bytes, 4096, std::size_t{1} << 30U)}},
      .reads = Reads::kCtnetlink,
      .capabilities = {{Capability::kNetAdmin, "events of the table", true}},
  };
}

}  // namespace conntrack
