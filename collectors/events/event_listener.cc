#include "collectors/events/event_listener.h"

#include <netinet/in.h>

#include <algorithm>
#include <numeric>
#include <stop_token>
#include <utility>

#include "kernel/thread.h"

namespace conntrack {
namespace {

constexpr std::chrono::nanoseconds kMaxPause = std::chrono::milliseconds(10);
// Some 13,000 events fit into it: as many as arrive in the pause at more than a million a second.
constexpr std::size_t kRoomForMaxPause = std::size_t{16} << 20;
// Maximum number of receives in a row, some 100,000 events. Scrapes then get the mutex even if
// events arrive faster than they can be counted.
constexpr int kMaxReceives = 4096;

std::uint64_t NanosecondsSince1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(now).count());
}

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
  // The kernel's timestamps follow the wall clock, which may have been set back meanwhile.
  const double seconds =
      stop > *event.start ? static_cast<double>(stop - *event.start) / kNanosecondsPerSecond : 0;
  auto& lifetimes = lifetimes_[LifetimeProtocol(event.protocol)];
  const auto* bound = std::lower_bound(kLifetimeBounds.begin(), kLifetimeBounds.end(), seconds);
  ++lifetimes.flows[static_cast<std::size_t>(bound - kLifetimeBounds.begin())];
  lifetimes.seconds += seconds;
}

EventListener::EventListener(kernel::EventSocketFactory open, std::size_t buffer_bytes)
    : open_(std::move(open)),
      buffer_bytes_(buffer_bytes),
      thread_(kernel::StartThread("events", [this](const std::stop_token& stop) { Run(stop); })) {
  const std::lock_guard lock(mutex_);
  (void)Open();  // Totals() tries again, and returns the error
}

Result<EventTotals> EventListener::Totals() {
  const std::lock_guard lock(mutex_);
  if (auto failure = std::exchange(failure_, std::nullopt)) return Fail(*std::move(failure));
  if (!port_) {
    if (auto opened = Open(); !opened) return Fail(std::move(opened.error()));
  }
  if (auto drained = Drain(); !drained) return Fail(std::move(drained.error()));
  CountLost();
  return totals_;
}

void EventListener::Run(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] {
    const std::lock_guard lock(mutex_);
    if (port_) port_->Wake();
  });
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return port_ != nullptr; })) {
    const auto port = port_;
    lock.unlock();
    port->Wait();
    lock.lock();
    if (stop.stop_requested()) return;
    if (port == port_) {
      auto drained = kernel::Caught([this] { return Drain(); });
      if (!drained) failure_ = std::move(drained.error());
    }
    changed_.wait_for(lock, stop, pause_, [] { return false; });
  }
}

Result<void> EventListener::Open() {
  auto port = open_(buffer_bytes_);
  if (!port) return Fail(std::move(port.error()));
  port_ = *std::move(port);
  lost_of_port_ = 0;
  totals_.buffer_bytes = port_->buffer_bytes();
  const auto room = std::min(totals_.buffer_bytes, kRoomForMaxPause);
  pause_ =
      kMaxPause * static_cast<std::int64_t>(room) / static_cast<std::int64_t>(kRoomForMaxPause);
  changed_.notify_all();
  return {};
}

Result<void> EventListener::Drain() {
  for (int receives = 0; receives < kMaxReceives; ++receives) {
    const auto datagrams = port_->Receive();
    if (datagrams) {
      if (datagrams->empty()) return {};
      Count(*datagrams);
    } else if (datagrams.error().kind == ErrorKind::kOverrun) {
      ++totals_.overruns;
    } else {
      auto error = datagrams.error();
      Close();
      return Fail(std::move(error));
    }
  }
  return {};
}

void EventListener::Count(std::span<const kernel::Bytes> datagrams) {
  const auto now = NanosecondsSince1970();
  for (const auto datagram : datagrams) {
    totals_.skipped += kernel::ForEachFlowEvent(
        datagram, [&](const kernel::FlowEvent& event) { totals_.counts.Add(event, now); });
  }
}

void EventListener::CountLost() {
  const auto lost = port_->lost();
  if (!lost) return;
  // The kernel's count is 32 bits wide and wraps.
  totals_.lost = totals_.lost.value_or(0) + static_cast<std::uint32_t>(*lost - lost_of_port_);
  lost_of_port_ = *lost;
}

void EventListener::Close() {
  CountLost();
  port_->Wake();
  port_.reset();
}

}  // namespace conntrack
