// SIGTERM and SIGINT, which end this program within 2 s (see leave.h). Once the start has blocked
// them, it waits for them: sigtimedwait(2), sigwaitinfo(2).
#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <future>
#include <thread>

namespace conntrack::exporter {

[[nodiscard]] sigset_t StopSignalSet();

/// From here until they are blocked, they end the process at once with `code`. By default the kernel
/// would drop them for the first process of a container.
void EndOnStopSignals(int code);

/// In this thread and those that it makes from now on. Threads of kernel::StartThread() have them
/// blocked anyway.
void BlockStopSignals();

/// SIGPIPE, SIGUSR1, SIGUSR2 and, unless a terminal is standard input, SIGHUP.
void IgnoreOtherSignals();

/// \brief  Waits for a stop signal. For one thread.
class StopSignals {
 public:
  using Time = std::chrono::steady_clock::time_point;

  StopSignals() { BlockStopSignals(); }

  /// Waits until `end` at most. The signal that has come, now or before; 0 where none has.
  int WaitUntil(Time end);

  [[nodiscard]] bool Came() { return WaitUntil({}) != 0; }

 private:
  int signal_ = 0;
};

/// \brief  Waits for a stop signal in a thread of its own, from construction to destruction, while
/// the main thread works. Both signals must be blocked in every thread already.
class StopSignalWatcher {
 public:
  /// `on_stop` is called once, in that thread, when a signal has come.
  explicit StopSignalWatcher(std::function<void()> on_stop);
  StopSignalWatcher(const StopSignalWatcher&) = delete;
  StopSignalWatcher& operator=(const StopSignalWatcher&) = delete;
  ~StopSignalWatcher();

  /// Until then, or until a signal comes. Whether one has come.
  [[nodiscard]] bool WaitUntil(StopSignals::Time time) const {
    return came_.wait_until(time) == std::future_status::ready;
  }
  [[nodiscard]] bool stopped() const { return WaitUntil({}); }

 private:
  std::atomic<bool> ending_ = false;  // the signal is our own
  std::promise<void> signal_came_;
  std::future<void> came_ = signal_came_.get_future();
  std::jthread thread_;
};

}  // namespace conntrack::exporter
