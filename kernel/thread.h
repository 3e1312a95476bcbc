// Starting threads.
#pragma once

#include <csignal>
#include <exception>
#include <functional>
#include <new>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// A thread that could not be started.
class ThreadError : public std::runtime_error {
 public:
  explicit ThreadError(Error error)
      : std::runtime_error(error.message + "; " + error.remedy), error_(std::move(error)) {}

  [[nodiscard]] const Error& error() const { return error_; }

 private:
  Error error_;
};

/// Blocks SIGTERM and SIGINT in this thread, and those that it starts, for as long as it lives.
class BlockedStopSignals {
 public:
  BlockedStopSignals();
  BlockedStopSignals(const BlockedStopSignals&) = delete;
  BlockedStopSignals& operator=(const BlockedStopSignals&) = delete;
  ~BlockedStopSignals();

 private:
  sigset_t before_{};
};

/// \brief  Starts a thread. An exception that escapes from `work` is reported on standard error and
/// ends the thread, but not the process. Loops catch what one round throws: see Caught().
/// SIGTERM and SIGINT are blocked in it: another thread waits for them.
/// `name` is for `top -H`: at most 15 characters.
/// Errors:  throws ThreadError, which names the limit that has been reached.
[[nodiscard]] std::jthread StartThread(const std::string& name,
                                       std::function<void(const std::stop_token&)> work);

/// \brief  Why this process cannot start a thread: "cannot start the thread flows: pids.max of
/// /sys/fs/cgroup/x is 50, and 50 tasks run", with what to do about it.
/// Source and cost:  cgroup files, getrlimit(2), one mmap(2). Only makes sense after a failure.
[[nodiscard]] Error WhyNoThread(const std::string& name,
                                const KernelFiles& proc = KernelFiles("/proc"),
                                const KernelFiles& sys = KernelFiles("/sys"));

/// The Result that `work` yields. An exception becomes an error: out of memory, or a bug.
template <class Work>
[[nodiscard]] auto Caught(Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return Fail(
        ErrorKind::kIo, "out of memory",
        "allow more memory (MemoryMax= of systemd, ulimit -v, the limits of the container)");
  } catch (const ThreadError& failure) {
    return Fail(failure.error());
  } catch (const std::exception& exception) {
    return Fail(ErrorKind::kIo, std::string("thrown: ") + exception.what(),
                "please report this as a bug");
  } catch (...) {
    return Fail(ErrorKind::kIo, "thrown: not an exception of the standard library",
                "please report this as a bug");
  }
}

}  // namespace conntrack::kernel
