// The signals that end this program: SIGTERM and SIGINT.
#pragma once

#include <csignal>

namespace conntrack::exporter {

[[nodiscard]] sigset_t StopSignalSet();

/// \brief  Keeps them for whoever waits for them. Before any thread is made, since threads inherit it.
void BlockStopSignals();

/// \brief  Waits for one of them and yields it. They are blocked in every thread.
[[nodiscard]] int WaitForStopSignal();

}  // namespace conntrack::exporter
