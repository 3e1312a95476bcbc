#include "exporter/stop_signals.h"

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

}  // namespace conntrack::exporter
