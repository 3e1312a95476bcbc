// What the kernel's log has said of connection tracking.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "kernel/log/conntrack_log_line.h"
#include "kernel/log/kmsg_record.h"

namespace conntrack {

/// Lines of one kind.
struct KernelLogMessage {
  std::uint64_t lines = 0;                          ///< Since the exporter started.
  std::map<std::uint64_t, std::uint64_t> by_netns;  ///< Of these, by inode where it is named.
  std::uint64_t other_netns = 0;                    ///< Of namespaces beyond the cap.
  std::optional<std::chrono::system_clock::time_point> last_seen;  ///< Old lines count as well.
};

struct KernelLogCounts {
  KernelLogMessage table_full;
  KernelLogMessage expectation_table_full;
  std::uint64_t suppressed = 0;  ///< Messages of the whole network stack.
  std::uint64_t lost = 0;        ///< Records of any kind that could not be read.
};

/// \brief  Counts the lines of connection tracking in a stream of records.
///
/// What was in the log before it is followed tells when a line was last seen, and is counted
/// nowhere else: a restart of the exporter is no incident. Records are told apart by their sequence
/// numbers, so that those which come twice count once and a gap is known for what it is. Only what
/// the kernel itself has logged counts.
/// Threads: one at a time.
class KernelLogTally {
 public:
  /// Namespaces with a count of their own. A namespace is short-lived on some hosts, its inode is
  /// used again.
  static constexpr std::size_t kMaxNamespaces = 64;

  /// From now on records are new.
  void Follow() { following_ = true; }
  [[nodiscard]] bool following() const { return following_; }

  /// Takes the next record; `seen` is when it was logged, as far as it is known.
  void Add(const kernel::KmsgRecord& record, std::chrono::system_clock::time_point seen);

  /// A record that could not be read was passed over.
  void AddUnreadable();

  [[nodiscard]] const KernelLogCounts& counts() const { return counts_; }

 private:
  void Count(const kernel::ConntrackLogLine& line, std::chrono::system_clock::time_point seen);

  bool following_ = false;
  std::optional<std::uint64_t> next_;  // the sequence number that is due
  KernelLogCounts counts_;
};

}  // namespace conntrack
