#include "kernel/netlink/ctnetlink_flow_source.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "kernel/netlink/ctnetlink_stat.h"
#include "kernel/netlink/flow_message.h"
#include "kernel/proc/slabinfo.h"
#include "kernel/proc/sysctl.h"

namespace conntrack::kernel {
namespace {

constexpr double kEntriesPerHold = 170;
constexpr double kNanosecondsPerBucket = 40;
constexpr double kNanosecondsPerForeignEntry = 170;

constexpr int kDumpTries = 3;

// More entries than any known host has: they would take 8 GB.
constexpr std::uint64_t kLargestHost = 32'000'000;

}  // namespace

std::chrono::nanoseconds EstimateSoftirqHold(std::uint64_t own_entries, std::uint64_t host_entries,
                                             std::uint64_t buckets) {
  const auto own = static_cast<double>(own_entries);
  const double foreign = static_cast<double>(host_entries - std::min(own_entries, host_entries));
  const double share_of_table = own > kEntriesPerHold ? kEntriesPerHold / own : 1.0;
  const double hold = share_of_table * (static_cast<double>(buckets) * kNanosecondsPerBucket +
                                        foreign * kNanosecondsPerForeignEntry);
  return std::chrono::nanoseconds(static_cast<std::int64_t>(hold));
}

CtnetlinkFlowSource::CtnetlinkFlowSource(NetlinkSocketFactory open, KernelFiles proc,
                                         std::chrono::nanoseconds max_hold)
    : open_(std::move(open)), proc_(std::move(proc)), max_hold_(max_hold) {}

Result<void> CtnetlinkFlowSource::Walk(FlowVisitor& visitor, const std::stop_token& stop) {
  Result<void> outcome;
  for (int tries = 0; tries < kDumpTries && !stop.stop_requested(); ++tries) {
    visitor.Begin();
    const auto buckets_before = ReadSysctl(proc_, "nf_conntrack_buckets");
    // Query the count over ctnetlink, so that a missing capability shows even if the table is
    // empty.
    const auto table = ReadTableStat(open_);
    if (!table && table.error().kind == ErrorKind::kDenied) return Fail(table.error());
    if (table && table->entries) {
      if (*table->entries == 0) return {};
      if (buckets_before) {
        const auto buckets = static_cast<std::uint64_t>(*buckets_before);
        if (auto allowed = CheckSoftirqHold(*table->entries, buckets); !allowed) return allowed;
      }
    }
    outcome = Dump(visitor, stop);
    if (outcome) {
      const auto buckets_after = ReadSysctl(proc_, "nf_conntrack_buckets");
      if (!buckets_before || !buckets_after || *buckets_before == *buckets_after) return {};
      outcome = Fail(ErrorKind::kInterrupted, "the hash table was resized during the dump");
    }
    switch (outcome.error().kind) {
      case ErrorKind::kInterrupted:
        if (!stop.stop_requested()) ++errors_.interruptions;
        break;
      case ErrorKind::kOverrun:
        ++errors_.overruns;
        break;
      case ErrorKind::kBusy:
        break;
      default:
        return outcome;
    }
  }
  return outcome;
}

Result<void> CtnetlinkFlowSource::CheckSoftirqHold(std::uint64_t own_entries,
                                                   std::uint64_t buckets) const {
  const auto hold_beside = [&](std::uint64_t host_entries) {
    return EstimateSoftirqHold(own_entries, host_entries, buckets);
  };
  // Reading slabinfo is expensive. Skip it if not even the largest host would exceed the limit.
  if (hold_beside(kLargestHost) <= max_hold_) return {};
  const auto text = proc_.Read("slabinfo");
  if (!text) return {};
  const auto slab = ParseSlabinfo(*text, static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  if (!slab) return {};
  const auto hold = hold_beside(slab->active_objects);
  if (hold <= max_hold_) return {};
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(hold).count();
  return Fail(ErrorKind::kHeldBack,
              "not dumped: " + std::to_string(own_entries) +
                  " entries of this namespace among some " + std::to_string(slab->active_objects) +
                  " of the host; the kernel would hold softirqs off for about " +
                  std::to_string(milliseconds) + " ms",
              "run the exporter in the network namespace that fills the table, or raise "
              "--collector.flows.max-softirq-hold");
}

Result<void> CtnetlinkFlowSource::Dump(FlowVisitor& visitor, const std::stop_token& stop) {
  // Closing the socket drops unread messages and ends the dump in the kernel.
  const auto opened = open_();
  if (!opened) return Fail(opened.error());
  auto& socket = **opened;
  const CtnetlinkRequest request(CtnetlinkQuery::kFlows, ++sequence_);
  if (auto sent = socket.Send(request); !sent) return sent;
  const auto visit = [&](Bytes payload) {
    if (const auto flow = DecodeFlow(payload)) [[likely]] {
      visitor.Visit(*flow);
    } else {
      ++errors_.skipped;
    }
  };
  return Receive(socket, request, *buffer_, errors_.skipped, visit,
                 [&] { return !stop.stop_requested(); });
}

}  // namespace conntrack::kernel
