#include "exporter/process/stop_signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/blocked_stop_signals.h"

namespace conntrack::exporter {
namespace {

using namespace std::chrono_literals;

TEST(StopSignals, TimePassesUntilOneComes) {
  const test::BlockedStopSignals blocked;
  int times = 0;
  const int signal = WaitForStopSignal(1ms, [&times] {
    if (++times == 3) ::kill(::getpid(), SIGTERM);
  });
  EXPECT_EQ(signal, SIGTERM);
  EXPECT_EQ(times, 3);
}

TEST(StopSignals, OneThatHasComeIsNotWaitedFor) {
  const test::BlockedStopSignals blocked;
  ::kill(::getpid(), SIGINT);
  EXPECT_EQ(WaitForStopSignal(1h, [] { ADD_FAILURE() << "it was there already"; }), SIGINT);
}

}  // namespace
}  // namespace conntrack::exporter
