#include "exporter/process/leave.h"

#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <string_view>

namespace conntrack::exporter {
namespace {

std::atomic<int> g_code = 0;

extern "C" void Leave(int /*signal*/) {
  // In the form of the log, without the time, which no function tells that a handler may call.
  constexpr std::string_view kLine =
      "level=warn msg=\"left while a reading or a password check was under way\"\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kLine.data(), kLine.size());
  ::_exit(g_code);
}

}  // namespace

void LeaveSoon(int code) {
  g_code = code;
  struct sigaction action {};
  action.sa_handler = Leave;
  ::sigaction(SIGALRM, &action, nullptr);
  const itimerval soon = {.it_interval = {}, .it_value = {.tv_sec = 1, .tv_usec = 500'000}};
  ::setitimer(ITIMER_REAL, &soon, nullptr);
}

}  // namespace conntrack::exporter
