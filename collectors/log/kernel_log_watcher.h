// Follows the kernel log between scrapes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

#include "kernel/log/conntrack_log_line.h"
#include "kernel/log/kmsg.h"
#include "kernel/result.h"

namespace conntrack {

/// Lines of one kind.
struct KernelLogMessage {
  std::uint64_t lines = 0;                          ///< Since the exporter started.
  std::map<std::uint64_t, std::uint64_t> by_netns;  ///< Those with a named namespace, by inode.
  std::uint64_t other_netns = 0;                    ///< Those of namespaces beyond the maximum.
  std::optional<std::chrono::system_clock::time_point> last_seen;  ///< Also set by older lines.
};

struct KernelLogCounts {
  KernelLogMessage table_full;
  KernelLogMessage expectation_table_full;
  std::uint64_t suppressed = 0;  ///< Messages of the whole network stack.
  std::uint64_t lost = 0;        ///< Records of any kind that could not be read.
};

/// \brief  Counts the lines of connection tracking in a stream of records. Lines from before
///         Follow() only set `last_seen`, so that a restart of the exporter does not look like an
///         incident. Repeated and lost records are detected by sequence number. Only lines of the
///         kernel itself count.
/// Threads: one at a time.
class KernelLogTally {
 public:
  /// Maximum number of namespaces with a count of their own. Some hosts create and destroy them all
  /// the time.
  static constexpr std::size_t kMaxNamespaces = 64;

  /// Records from now on are new.
  void Follow() { following_ = true; }
  [[nodiscard]] bool following() const { return following_; }

  /// Adds the next record; `seen` is the time at which it was logged, as far as known.
  void Add(const kernel::KmsgRecord& record, std::chrono::system_clock::time_point seen);

  /// Counts a record that could not be read and was skipped.
  void AddUnreadable();

  [[nodiscard]] const KernelLogCounts& counts() const { return counts_; }

 private:
  void Count(const kernel::ConntrackLogLine& line, std::chrono::system_clock::time_point seen);

  bool following_ = false;
  std::optional<std::uint64_t> next_;  // the next sequence number
  KernelLogCounts counts_;
};

/// The clocks that determine when a record was logged.
struct KernelLogClocks {
  std::function<std::chrono::system_clock::time_point()> wall = std::chrono::system_clock::now;
  std::function<std::chrono::nanoseconds()> since_boot = [] {
    return std::chrono::steady_clock::now().time_since_epoch();
  };
};

/// \brief  Reads the kernel log on its own thread, so that a burst between two scrapes is read
///         before the ring buffer overwrites it. Counts() also reads new records, so it is never
///         behind the log.
/// Errors:  those of opening, which each Counts() tries again; an error of reading is returned
///          once, then the log is opened again.
/// Threads and cost: Counts() from any thread. One thread, which a busy log wakes 20 times a
///          second.
class KernelLogWatcher {
 public:
  explicit KernelLogWatcher(kernel::KmsgReaderFactory open, KernelLogClocks clocks = {});

  [[nodiscard]] Result<KernelLogCounts> Counts();

 private:
  void Run(const std::stop_token& stop);
  // mutex_ must be held for all of these.
  [[nodiscard]] Result<void> Open();
  [[nodiscard]] Result<void> ReadNew();
  void AddRecord(std::string_view bytes);
  [[nodiscard]] std::chrono::system_clock::time_point LoggedAt(
      const kernel::KmsgRecord& record) const;

  const kernel::KmsgReaderFactory open_;
  const KernelLogClocks clocks_;

  std::mutex mutex_;  // guards all members below, and reads from the port; not its Wait()
  std::condition_variable_any opened_;
  std::shared_ptr<kernel::KmsgReader> port_;  // null while the log cannot be read
  KernelLogTally tally_;

  std::jthread thread_;  // last: it starts after and ends before all other members
};

}  // namespace conntrack
