#include "kernel/thread.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "tests/support/temp_tree.h"

/// Only where a sanitizer is linked.
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace conntrack::kernel {
namespace {

using testing::HasSubstr;

TEST(StartThread, AnExceptionEndsTheThreadOnly) {
  testing::internal::CaptureStderr();
  StartThread("worker", [](const std::stop_token&) { throw std::runtime_error("bug"); }).join();
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "conntrack_exporter: thread worker ended: bug\n");
}

/// Starts threads below a limit, in a process of its own, and prints why that failed.
[[noreturn]] void StartBelow(__rlimit_resource resource, rlim_t value, uid_t user) {
  const rlimit limit = {value, value};
  std::vector<std::jthread> threads;  // glibc keeps the stacks of threads that ended
  threads.reserve(100);
  if (::setrlimit(resource, &limit) != 0 || ::setresuid(user, user, user) != 0) std::_Exit(1);
  try {
    while (threads.size() < threads.capacity()) {
      threads.push_back(StartThread("worker", [](const std::stop_token&) { ::pause(); }));
    }
  } catch (const ThreadError& failure) {
    std::fputs(failure.what(), stderr);
    std::_Exit(7);
  }
  std::_Exit(0);
}

TEST(StartThread, NamesTheLimitThatWasReached) {
  if (&__sanitizer_set_death_callback != nullptr) {
    GTEST_SKIP() << "SKIPPED: a sanitizer ends the process where it gets no memory itself";
  }
  // Below what is in use, so that nothing more is to be had.
  EXPECT_EXIT(StartBelow(RLIMIT_AS, 1 << 20, ::getuid()), testing::ExitedWithCode(7),
              "cannot start the thread worker: RLIMIT_AS is 1048576; raise");
  if (::getuid() != 0) GTEST_SKIP() << "needs root: to become a user with no other process";
  EXPECT_EXIT(StartBelow(RLIMIT_NPROC, 1, 64123), testing::ExitedWithCode(7),
              "RLIMIT_NPROC of this user is 1; raise");
}

TEST(WhyNoThread, NamesTheCgroupThatIsFull) {
  test::TempTree root;
  root.Write("proc/self/cgroup", "0::/system.slice/x.service\n")
      .Write("sys/fs/cgroup/system.slice/x.service/pids.max", "max\n")
      .Write("sys/fs/cgroup/system.slice/x.service/pids.current", "50\n")
      .Write("sys/fs/cgroup/system.slice/pids.max", "50\n")
      .Write("sys/fs/cgroup/system.slice/pids.current", "50\n");
  const auto error =
      WhyNoThread("flows", KernelFiles(root.root() / "proc"), KernelFiles(root.root() / "sys"));
  EXPECT_THAT(error.message, HasSubstr("cannot start the thread flows: pids.max of "));
  EXPECT_THAT(error.message, HasSubstr("/system.slice is 50, and 50 tasks run"));
  EXPECT_THAT(error.remedy, HasSubstr("TasksMax="));
}

TEST(Caught, TurnsExceptionsIntoErrors) {
  EXPECT_EQ(Caught([]() -> Result<int> { return 1; }).value(), 1);
  EXPECT_EQ(Caught([]() -> Result<int> { throw std::bad_alloc(); }).error().message,
            "out of memory");
  EXPECT_EQ(Caught([]() -> Result<int> { throw std::runtime_error("bug"); }).error().message,
            "thrown: bug");
  EXPECT_FALSE(Caught([]() -> Result<int> { throw 42; }).has_value());
}

}  // namespace
}  // namespace conntrack::kernel
