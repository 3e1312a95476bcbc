// Follows the kernel's log between scrapes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "collectors/log/kernel_log_counts.h"
#include "kernel/log/kmsg_port.h"
#include "kernel/result.h"

namespace conntrack {

/// The clocks that tell when a record was logged.
struct KernelLogClocks {
  std::function<std::chrono::system_clock::time_point()> wall = std::chrono::system_clock::now;
  std::function<std::chrono::nanoseconds()> since_boot = [] {
    return std::chrono::steady_clock::now().time_since_epoch();
  };
};

/// \brief  Reads the kernel's log on a thread of its own, so that a storm between two scrapes is
///         not overwritten in the ring before anybody looks.
///
/// Whoever asks for the counts reads what is new as well, so that they are never behind the log.
/// Errors:  of opening, which is tried again whenever somebody asks; of reading, once, after which
///          the log is opened again.
/// Threads and cost: any number may ask at once. One thread that sleeps in poll() while the log is
///          silent, and after each burst for a moment, so that a noisy log wakes it 20 times a
///          second and not for each line.
class KernelLogWatcher {
 public:
  explicit KernelLogWatcher(kernel::OpenKmsgPort open, KernelLogClocks clocks = {});
  KernelLogWatcher(const KernelLogWatcher&) = delete;
  KernelLogWatcher& operator=(const KernelLogWatcher&) = delete;
  ~KernelLogWatcher() = default;

  [[nodiscard]] Result<KernelLogCounts> Counts();

 private:
  void Run(const std::stop_token& stop);
  // All with mutex_ held.
  [[nodiscard]] Result<void> Open();
  [[nodiscard]] Result<void> ReadNew();
  void AddRecord(std::string_view bytes);
  [[nodiscard]] std::chrono::system_clock::time_point LoggedAt(
      const kernel::KmsgRecord& record) const;

  const kernel::OpenKmsgPort open_;
  const KernelLogClocks clocks_;

  std::mutex mutex_;  // guards all below, and reading from the port; not waiting at it
  std::condition_variable_any opened_;
  std::shared_ptr<kernel::KmsgPort> port_;  // none while the log cannot be read
  KernelLogTally tally_;

  std::jthread thread_;  // last: it starts when all else is there, and ends first
};

}  // namespace conntrack
