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

/// A thread could not be started.
class ThreadError : public std::runtime_error {
 public:
  explicit ThreadError(Error error)
      : std::runtime_error(error.message + "; " + error.remedy), error_(std::move(error)) {}

  [[nodiscard]] const Error& error() const { return error_; }

 private:
  Error error_;
};

/// Blocks SIGTERM and SIGINT in this thread, and in threads that it starts, for the lifetime of the
/// object.
class BlockedStopSignals {
 public:
  BlockedStopSignals();
  BlockedStopSignals(const BlockedStopSignals&) = delete;
  BlockedStopSignals& operator=(const BlockedStopSignals&) = delete;
  ~BlockedStopSignals();

 private:
  sigset_t before_{};
};

/// \brief  Starts a thread. SIGTERM and SIGINT are blocked in it, because another thread waits for
///         them. An exception that escapes from `work` is printed on standard error. It ends the
///         thread, but not the process. Loops catch the exceptions of one round: see Caught().
/// `name` is shown by `top -H`: at most 15 characters.
/// Errors:  throws ThreadError, which names the limit that was reached.
[[nodiscard]] std::jthread StartThread(const std::string& name,
                                       std::function<void(const std::stop_token&)> work);

/// \brief  Returns why this process cannot start a thread, and what to do about it: "cannot start
///         the thread flows: pids.max of /sys/fs/cgroup/x is 50, and 50 tasks run". Call it only
///         after a failure.
/// Source and cost: cgroup files, getrlimit(2), one mmap(2).
[[nodiscard]] Error WhyNoThread(const std::string& name,
                                const KernelFiles& proc = KernelFiles("/proc"),
                                const KernelFiles& sys = KernelFiles("/sys"));

/// Returns the Result of `work`. An exception becomes an error: out of memory, or a bug.
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
