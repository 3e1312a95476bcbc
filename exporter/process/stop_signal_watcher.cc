#include "exporter/process/stop_signal_watcher.h"

#include <pthread.h>

#include <csignal>
#include <utility>

#include "exporter/process/stop_signals.h"

namespace conntrack::exporter {

StopSignalWatcher::StopSignalWatcher(std::function<void()> on_stop)
    : thread_([this, on_stop = std::move(on_stop)] { Wait(on_stop); }) {}

StopSignalWatcher::~StopSignalWatcher() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ::pthread_kill(thread_.native_handle(), SIGINT);  // ends its sigwait(), as SIGTERM would
  thread_.join();
}

bool StopSignalWatcher::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

bool StopSignalWatcher::WaitUntil(std::chrono::steady_clock::time_point time) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, time, [this] { return stopped_; });
}

void StopSignalWatcher::Wait(const std::function<void()>& on_stop) {
  static_cast<void>(WaitForStopSignal());
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return;
    stopped_ = true;
  }
  changed_.notify_all();
  on_stop();
}

}  // namespace conntrack::exporter
