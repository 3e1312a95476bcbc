// SIGTERM and SIGINT end this program within 2 s (see leave.h). Once the start has blocked them,
// the program waits for them with sigtimedwait(2) or sigwaitinfo(2).
#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <future>
#include <thread>

namespace conntrack::exporter {

[[nodiscard]] sigset_t StopSignalSet();

/// Makes these signals end the process at once with `code`, until they are blocked. By default the
/// kernel drops them for the first process of a container.
void EndOnStopSignals(int code);

/// Blocks them in this thread and in threads it creates later. Threads of kernel::StartThread()
/// block them anyway.
void BlockStopSignals();

/// Ignores SIGPIPE, SIGUSR1, SIGUSR2 and, unless standard input is a terminal, SIGHUP.
void IgnoreOtherSignals();

/// \brief  Waits for a stop signal. For one thread.
class StopSignals {
 public:
  using Time = std::chrono::steady_clock::time_point;

  StopSignals() { BlockStopSignals(); }

  /// Waits until `end` at most. Returns the signal that has arrived, now or before; 0 if none.
  int WaitUntil(Time end);

  [[nodiscard]] bool Came() { return WaitUntil({}) != 0; }

 private:
  int signal_ = 0;
};

/// \brief  Waits for a stop signal in its own thread, from construction to destruction, while the
/// main thread works. Both signals must already be blocked in every thread.
class StopSignalWatcher {
 public:
  /// `on_stop` is called once, in that thread, when a signal arrives.
  explicit StopSignalWatcher(std::function<void()> on_stop);
  StopSignalWatcher(const StopSignalWatcher&) = delete;
  StopSignalWatcher& operator=(const StopSignalWatcher&) = delete;
  ~StopSignalWatcher();

  /// Waits until `time` or a signal. Returns whether a signal has arrived.
  [[nodiscard]] bool WaitUntil(StopSignals::Time time) const {
    return came_.wait_until(time) == std::future_status::ready;
  }
  [[nodiscard]] bool stopped() const { return WaitUntil({}); }

 private:
  std::atomic<bool> ending_ = false;  // the destructor sent the signal
  std::promise<void> signal_came_;
  std::future<void> came_ = signal_came_.get_future();
  std::jthread thread_;
};

}  // namespace conntrack::exporter
