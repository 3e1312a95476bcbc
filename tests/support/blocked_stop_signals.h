// What main() does before it starts a thread.
#pragma once

#include <csignal>

namespace conntrack::test {

/// Blocks SIGTERM and SIGINT in this thread, and those that it starts, for as long as it lives.
class BlockedStopSignals {
 public:
  BlockedStopSignals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &signals, &before_);
  }
  BlockedStopSignals(const BlockedStopSignals&) = delete;
  BlockedStopSignals& operator=(const BlockedStopSignals&) = delete;
  ~BlockedStopSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace conntrack::test
