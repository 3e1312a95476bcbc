// SIGTERM and SIGINT, for work that goes on in the main thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace conntrack::exporter {

/// \brief  Waits for SIGTERM or SIGINT in a thread of its own, from construction to destruction.
/// Both signals must be blocked in every thread already.
class StopSignalWatcher {
 public:
  /// `on_stop` is called once, in that thread, when a signal has come.
  explicit StopSignalWatcher(std::function<void()> on_stop);
  StopSignalWatcher(const StopSignalWatcher&) = delete;
  StopSignalWatcher& operator=(const StopSignalWatcher&) = delete;
  ~StopSignalWatcher();

  /// Whether a signal has come.
  [[nodiscard]] bool stopped() const;

  /// Until then, or until a signal comes. Whether one has come.
  [[nodiscard]] bool WaitUntil(std::chrono::steady_clock::time_point time);

 private:
  void Wait(const std::function<void()>& on_stop);

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool stopped_ = false;
  bool ending_ = false;  // the signal is our own
  std::thread thread_;   // last: it uses the others
};

}  // namespace conntrack::exporter
