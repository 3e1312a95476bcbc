// The peak of the table between scrapes.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

#include "collectors/sliding_maximum.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack {

/// \brief  Reads nf_conntrack_count four times a second and keeps the highest value of the last
/// minute, and the highest of all.
///
/// A burst that fills the table and is gone before the next scrape drops packets and leaves no
/// trace in the count.
/// Source:  /proc/sys/net/netfilter/nf_conntrack_count of the network namespace of the process.
/// Units:   entries.
/// Errors:  a reading that fails is left out; no reading in the last minute yields nothing.
/// Threads and cost: one thread, three system calls 250 ms apart; Get() from any thread.
class EntriesPeak {
 public:
  explicit EntriesPeak(kernel::KernelFiles proc);
  EntriesPeak(const EntriesPeak&) = delete;
  EntriesPeak& operator=(const EntriesPeak&) = delete;
  ~EntriesPeak();

  /// The highest count known of the last minute; `current`, just read, is one more reading.
  [[nodiscard]] std::int64_t Get(std::int64_t current);

  /// The highest count known since this object was made; `current` is one more reading.
  [[nodiscard]] std::int64_t Highest(std::int64_t current);

 private:
  void Run(const std::stop_token& stop);
  void Add(std::chrono::steady_clock::time_point now, std::int64_t count);  // mutex_ held

  const kernel::KernelFiles proc_;
  std::mutex mutex_;
  SlidingMaximum maximum_;    // guarded by mutex_
  std::int64_t highest_ = 0;  // guarded by mutex_
  std::jthread thread_;
};

}  // namespace conntrack
