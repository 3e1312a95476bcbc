#include "exporter/process/stop_signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "kernel/thread.h"

namespace conntrack::exporter {
namespace {

using namespace std::chrono_literals;

std::chrono::steady_clock::time_point In(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

TEST(StopSignals, TimePassesUntilOneComes) {
  const kernel::BlockedStopSignals blocked;
  StopSignals signals;
  EXPECT_EQ(signals.WaitUntil(In(1ms)), 0);
  EXPECT_FALSE(signals.Came());
  ::kill(::getpid(), SIGTERM);
  EXPECT_EQ(signals.WaitUntil(In(1h)), SIGTERM);
}

TEST(StopSignals, OneThatHasComeIsRemembered) {
  const kernel::BlockedStopSignals blocked;
  StopSignals signals;
  ::kill(::getpid(), SIGINT);
  EXPECT_TRUE(signals.Came());
  EXPECT_EQ(signals.WaitUntil(In(1h)), SIGINT);
}

TEST(StopSignalWatcher, EndsWaitingAndCallsBack) {
  const kernel::BlockedStopSignals blocked;
  for (const int signal : {SIGTERM, SIGINT}) {
    std::atomic<int> calls = 0;
    {
      StopSignalWatcher signals([&calls] { ++calls; });
      EXPECT_FALSE(signals.stopped());
      ::kill(::getpid(), signal);
      EXPECT_TRUE(signals.WaitUntil(In(60s)));
      EXPECT_TRUE(signals.stopped());
      EXPECT_TRUE(signals.WaitUntil(In(60s)));
    }
    EXPECT_EQ(calls, 1);
  }
}

TEST(StopSignalWatcher, TimePassesWithoutASignal) {
  const kernel::BlockedStopSignals blocked;
  StopSignalWatcher signals([] { ADD_FAILURE() << "no signal was sent"; });
  EXPECT_FALSE(signals.WaitUntil(In(1ms)));
  EXPECT_FALSE(signals.stopped());
}

TEST(StopSignalWatcher, EndsWithoutASignalAndLeavesNonePending) {
  const kernel::BlockedStopSignals blocked;
  {
    const StopSignalWatcher signals([] { ADD_FAILURE() << "no signal was sent"; });
  }
  sigset_t pending;
  ::sigpending(&pending);
  EXPECT_EQ(::sigismember(&pending, SIGTERM), 0);
}

}  // namespace
}  // namespace conntrack::exporter
