#include "exporter/process/leave.h"

#include <gtest/gtest.h>
#include <poll.h>

namespace conntrack::exporter {
namespace {

// Commands and stop signals arm the timer, which would end this program with the tests that follow.
class Disarm : public testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo& /*test*/) override { StartIsDone(); }
};

[[maybe_unused]] const bool listens = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new Disarm);  // which owns it
  return true;
}();

void LeaveWith(int code) {
  LeaveSoon(code);
  // Not pause(): ThreadSanitizer delivers a signal that comes just before it when it returns, which is never.
  while (true) ::poll(nullptr, 0, 10);
}

TEST(LeaveSoon, EndsAProcessThatHangsWithItsCodeAndSaysWhy) {
  // In a process of its own: ThreadSanitizer delivers no signal after a fork beside other threads,
  // which an earlier test may have left.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(LeaveWith(3), testing::ExitedWithCode(3), "exited during a reading");
}

}  // namespace
}  // namespace conntrack::exporter
