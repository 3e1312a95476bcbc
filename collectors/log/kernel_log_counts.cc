#include "collectors/log/kernel_log_counts.h"

namespace conntrack {
namespace {

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
  // The log is read from its oldest record on when it is opened again.
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

}  // namespace conntrack
