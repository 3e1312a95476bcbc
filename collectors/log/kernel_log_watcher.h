// Follows the kernel's log between scrapes.
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
/// Lines from before Follow() only set `last_seen`: a restart of the exporter is no incident.
/// Sequence numbers show records that come twice and records that were lost. Only lines of the
/// kernel itself count.
/// Threads: one at a time.
class KernelLogTally {
 public:
  /// Namespaces with a count of their own. Some hosts make and destroy them all the time.
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

/// The clocks that tell when a record was logged.
struct KernelLogClocks {
  std::function<std::chrono::system_clock::time_point()> wall = std::chrono::system_clock::now;
  std::function<std::chrono::nanoseconds()> since_boot = [] {
    return std::chrono::steady_clock::now().time_since_epoch();
  };
};

/// \brief  Reads the kernel's log on its own thread, before a burst between two scrapes is
/// overwritten in the ring.
/// Counts() also reads what is new, so that it is never behind the log.
/// Errors:  of opening, which each Counts() tries again; of reading, once, after which the log is
///          opened again.
/// Threads and cost: Counts() from any thread. One thread, which a noisy log wakes 20 times a
///          second.
class KernelLogWatcher {
 public:
  explicit KernelLogWatcher(kernel::KmsgReaderFactory open, KernelLogClocks clocks = {});

  [[nodiscard]] Result<KernelLogCounts> Counts();

 private:
  void Run(const std::stop_token& stop);
  // All with mutex_ held.
  [[nodiscard]] Result<void> Open();
  [[nodiscard]] Result<void> ReadNew();
  void AddRecord(std::string_view bytes);
  [[nodiscard]] std::chrono::system_clock::time_point LoggedAt(
      const kernel::KmsgRecord& record) const;

  const kernel::KmsgReaderFactory open_;
  const KernelLogClocks clocks_;

  std::mutex mutex_;  // guards all below, and reading from the port; not waiting at it
  std::condition_variable_any opened_;
  std::shared_ptr<kernel::KmsgReader> port_;  // none while the log cannot be read
  KernelLogTally tally_;

  std::jthread thread_;  // last: it starts when all else is there, and ends first
};

}  // namespace conntrack
