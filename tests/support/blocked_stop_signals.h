// What main() does before it starts a thread.
#pragma once

#include <csignal>

#include "exporter/process/stop_signals.h"

namespace conntrack::test {

/// Blocks SIGTERM and SIGINT in this thread, and those that it starts, for as long as it lives.
class BlockedStopSignals {
 public:
  BlockedStopSignals() {
    const auto signals = exporter::StopSignalSet();
    ::pthread_sigmask(SIG_BLOCK, &signals, &before_);
  }
  BlockedStopSignals(const BlockedStopSignals&) = delete;
  BlockedStopSignals& operator=(const BlockedStopSignals&) = delete;
  ~BlockedStopSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace conntrack::test
