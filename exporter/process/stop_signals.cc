#include "exporter/process/stop_signals.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

#include "exporter/process/leave.h"
#include "kernel/thread.h"

namespace conntrack::exporter {
namespace {

std::atomic<int> g_end_code = 0;

}  // namespace

sigset_t StopSignalSet() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  return signals;
}

void EndOnStopSignals(int code) {
  g_end_code = code;
  for (const int signal : {SIGTERM, SIGINT}) std::signal(signal, [](int) { ::_exit(g_end_code); });
}

void BlockStopSignals() {
  const auto signals = StopSignalSet();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void IgnoreOtherSignals() {
  // Other services reload or reopen files on these signals. Here there is nothing to do, and
  // systemd would not restart a service that was ended by SIGHUP.
  for (const int signal : {SIGUSR1, SIGUSR2, SIGPIPE}) std::signal(signal, SIG_IGN);
  if (::isatty(STDIN_FILENO) == 0) std::signal(SIGHUP, SIG_IGN);
}

int StopSignals::WaitUntil(Time end) {
  using std::chrono::nanoseconds, std::chrono::seconds;
  const auto signals = StopSignalSet();
  while (signal_ == 0) {
    const auto left = std::max<nanoseconds>(end - std::chrono::steady_clock::now(), nanoseconds(0));
    const timespec time{left / seconds(1), (left % seconds(1)).count()};
    const int signal = ::sigtimedwait(&signals, nullptr, &time);
    if (signal > 0) {
      signal_ = signal;
      LeaveSoon(0);
    }
    if (signal < 0 && errno == EAGAIN) break;  // timeout; otherwise continue to wait
  }
  return signal_;
}

StopSignalWatcher::StopSignalWatcher(std::function<void()> on_stop) {
  thread_ = kernel::StartThread("stop signals", [this, on_stop = std::move(on_stop)](auto) {
    const auto signals = StopSignalSet();
    siginfo_t signal{};
    while (::sigwaitinfo(&signals, &signal) < 0) {  // interrupted
    }
    if (ending_ && signal.si_pid == ::getpid()) return;  // sent by the destructor
    LeaveSoon(0);
    signal_came_.set_value();
    on_stop();
  });
}

StopSignalWatcher::~StopSignalWatcher() {
  ending_ = true;
  ::pthread_kill(thread_.native_handle(), SIGINT);  // ends its wait, like SIGTERM
  thread_.join();
}

}  // namespace conntrack::exporter
