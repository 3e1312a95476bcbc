#include "exporter/commands/report/stop_signals.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>

#include "exporter/process/stop_signals.h"

namespace conntrack::exporter::report {
StopSignals::StopSignals() { BlockStopSignals(); }

bool StopSignals::WaitUntil(std::chrono::steady_clock::time_point end) {
  const auto signals = StopSignalSet();
  while (!came_) {
    using std::chrono::nanoseconds;
    const auto left = std::max<nanoseconds>(end - std::chrono::steady_clock::now(), nanoseconds(0));
    timespec patience{};
    patience.tv_sec = static_cast<std::time_t>(left / std::chrono::seconds(1));
    patience.tv_nsec = static_cast<long>((left % std::chrono::seconds(1)).count());
    const int signal = ::sigtimedwait(&signals, nullptr, &patience);
    if (signal > 0) came_ = true;
    if (signal < 0 && errno == EAGAIN) break;  // the time is over; anything else: wait on
  }
  return came_;
}

}  // namespace conntrack::exporter::report
