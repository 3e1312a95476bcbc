#include "collectors/log/kernel_log_watcher.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kernel/thread.h"

namespace conntrack {
namespace {

// Pause between two reads of a busy log. At least 26,000 lines a second are needed to overwrite the
// ring buffer in that time.
constexpr std::chrono::milliseconds kPause{50};

// Limits one read to about a tenth of a second, at any rate of lines.
constexpr int kMaxRecords = 100'000;

void CountNamespace(KernelLogMessage& message, std::uint64_t inode) {
  const bool has_room = message.by_netns.size() < KernelLogTally::kMaxNamespaces;
  if (has_room || message.by_netns.count(inode) != 0) {
    ++message.by_netns[inode];
  } else {
    ++message.other_netns;
  }
}

}  // namespace

void KernelLogTally::Add(const kernel::KmsgRecord& record,
                         std::chrono::system_clock::time_point seen) {
  // When the log is opened again, it is read from its oldest record.
  if (next_ && record.sequence < *next_) return;
  if (following_ && next_) counts_.lost += record.sequence - *next_;
  next_ = record.sequence + 1;
  if (record.facility != kernel::kKernelFacility) return;
  if (const auto line = kernel::MatchConntrackLog(record.text)) Count(*line, seen);
}

void KernelLogTally::AddUnreadable() {
  if (next_) ++*next_;
  if (following_) ++counts_.lost;
}

void KernelLogTally::Count(const kernel::ConntrackLogLine& line,
                           std::chrono::system_clock::time_point seen) {
  if (line.kind == kernel::ConntrackLogKind::kSuppressed) {
    if (following_) counts_.suppressed += line.suppressed;
    return;
  }
  auto& message = line.kind == kernel::ConntrackLogKind::kTableFull
                      ? counts_.table_full
                      : counts_.expectation_table_full;
  message.last_seen = seen;
  if (!following_) return;
  ++message.lines;
  if (line.netns_inode) CountNamespace(message, *line.netns_inode);
}

KernelLogWatcher::KernelLogWatcher(kernel::KmsgReaderFactory open, KernelLogClocks clocks)
    : open_(std::move(open)), clocks_(std::move(clocks)) {
  {
    const std::lock_guard lock(mutex_);
    // Counts() reports a failure.
    if (Open()) (void)ReadNew();
  }
  thread_ = kernel::StartThread("kernel log", [this](const std::stop_token& stop) { Run(stop); });
}

Result<KernelLogCounts> KernelLogWatcher::Counts() {
  const std::lock_guard lock(mutex_);
  if (auto opened = Open(); !opened) return Fail(std::move(opened).error());
  if (auto read = ReadNew(); !read) return Fail(std::move(read).error());
  return tally_.counts();
}

void KernelLogWatcher::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (opened_.wait(lock, stop, [this] { return port_ != nullptr; })) {
    const auto port = port_;
    lock.unlock();
    port->Wait(stop);
    lock.lock();
    if (port == port_) (void)kernel::Caught([this] { return ReadNew(); });
    // Only a stop ends this pause early.
    opened_.wait_for(lock, stop, kPause, [] { return false; });
    if (stop.stop_requested()) return;
  }
}

Result<void> KernelLogWatcher::Open() {
  if (port_) return {};
  auto port = open_();
  if (!port) return Fail(std::move(port).error());
  port_ = std::move(*port);
  opened_.notify_one();
  return {};
}

Result<void> KernelLogWatcher::ReadNew() {
  std::array<char, kernel::kKmsgBuffer> buffer;
  for (int count = 0; count < kMaxRecords; ++count) {
    const auto bytes = port_->Read(buffer);
    if (bytes) {
      AddRecord(*bytes);
      continue;
    }
    switch (bytes.error().kind) {
      case ErrorKind::kOverrun:  // the gap in sequence numbers shows how many
        continue;
      case ErrorKind::kMalformed:
        tally_.AddUnreadable();
        continue;
      case ErrorKind::kTimeout:
        tally_.Follow();
        return {};
      default:
        port_.reset();
        return Fail(bytes.error());
    }
  }
  tally_.Follow();  // otherwise lines of a log that is never silent would never count
  return {};
}

void KernelLogWatcher::AddRecord(std::string_view bytes) {
  const auto record = kernel::ParseKmsgRecord(bytes);
  if (record) {
    tally_.Add(*record, LoggedAt(*record));
  } else {
    tally_.AddUnreadable();
  }
}

// A new record was logged just now. The age of an old one is known only by the kernel's clock,
// which drifts and stops during suspend, as in `dmesg -T`.
std::chrono::system_clock::time_point KernelLogWatcher::LoggedAt(
    const kernel::KmsgRecord& record) const {
  const auto now = clocks_.wall();
  if (tally_.following()) return now;
  const auto age = std::max(clocks_.since_boot() - record.timestamp, std::chrono::nanoseconds(0));
  return now - std::chrono::duration_cast<std::chrono::system_clock::duration>(age);
}

}  // namespace conntrack
