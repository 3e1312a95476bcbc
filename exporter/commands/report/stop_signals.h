// SIGINT and SIGTERM as an end, not as an accident.
#pragma once

#include <chrono>

namespace conntrack::exporter::report {

/// \brief  Blocks SIGINT and SIGTERM in the calling thread, and all that it starts from then on,
/// and takes them up when asked.
class StopSignals {
 public:
  StopSignals();

  /// Waits until `end` at most. True where one of the signals has come, now or before.
  [[nodiscard]] bool WaitUntil(std::chrono::steady_clock::time_point end);

  [[nodiscard]] bool Came() { return WaitUntil({}); }

 private:
  bool came_ = false;
};

}  // namespace conntrack::exporter::report
