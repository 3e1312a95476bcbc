#include "exporter/process/stop_signals.h"

#include <cerrno>
#include <ctime>

namespace conntrack::exporter {

sigset_t StopSignalSet() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  return signals;
}

void BlockStopSignals() {
  const auto signals = StopSignalSet();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

int WaitForStopSignal() {
  const auto signals = StopSignalSet();
  int signal = 0;
  ::sigwait(&signals, &signal);
  return signal;
}

int WaitForStopSignal(std::chrono::microseconds period, const std::function<void()>& meanwhile) {
  const auto signals = StopSignalSet();
  const auto whole = std::chrono::floor<std::chrono::seconds>(period);
  const timespec time{whole.count(), std::chrono::nanoseconds(period - whole).count()};
  while (true) {
    const int signal = ::sigtimedwait(&signals, nullptr, &time);
    if (signal > 0) return signal;
    if (errno == EAGAIN) meanwhile();
  }
}

}  // namespace conntrack::exporter
