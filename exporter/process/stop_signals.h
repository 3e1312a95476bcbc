// The signals that end this program: SIGTERM and SIGINT.
#pragma once

#include <chrono>
#include <csignal>
#include <functional>

namespace conntrack::exporter {

[[nodiscard]] sigset_t StopSignalSet();

/// \brief  Keeps them for whoever waits for them. Before any thread is made, since threads inherit it.
void BlockStopSignals();

/// \brief  Waits for one of them and yields it. They are blocked in every thread.
[[nodiscard]] int WaitForStopSignal();

/// \brief  Likewise, and calls `meanwhile` each time that so long has passed.
[[nodiscard]] int WaitForStopSignal(std::chrono::microseconds period,
                                    const std::function<void()>& meanwhile);

}  // namespace conntrack::exporter
