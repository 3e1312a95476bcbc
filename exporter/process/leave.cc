#include "exporter/process/leave.h"

#include <poll.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>

namespace conntrack::exporter {
namespace {

// Log lines without the time: the functions that format it are not async-signal-safe.
constexpr const char* kLeft =
    "level=warn msg=\"exited during a reading, a name lookup or a password check\"\n";
constexpr const char* kStartHangs =
    "level=error msg=\"not finished after one minute: a file or a name server does not respond\" "
    "remedy=\"/proc/PID/stack of the process shows the system call\"\n";

constexpr timeval kSoon{.tv_sec = 1, .tv_usec = 500'000};
constexpr timeval kStart{.tv_sec = 60, .tv_usec = 0};

std::atomic<int> g_code = 0;
std::atomic<const char*> g_line = kLeft;

extern "C" void Leave(int /*signal*/) {
  const char* const line = g_line;
  pollfd stream{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&stream, 1, 0) == 1) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line, std::strlen(line));
  }
  ::_exit(g_code);
}

void LeaveAfter(timeval time, int code, const char* line) {
  g_code = code;
  g_line = line;
  struct sigaction action {};
  action.sa_handler = Leave;
  ::sigaction(SIGALRM, &action, nullptr);
  const itimerval timer = {.it_interval = {}, .it_value = time};
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

}  // namespace

void LeaveSoon(int code) { LeaveAfter(kSoon, code, kLeft); }

void LimitStart() { LeaveAfter(kStart, 1, kStartHangs); }

void StartIsDone() {
  LeaveAfter({}, 1, kStartHangs);  // zero disables the timer
  std::signal(SIGALRM, SIG_IGN);   // ignore SIGALRM from other processes
}

}  // namespace conntrack::exporter
