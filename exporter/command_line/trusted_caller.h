// A check for flags that select what the process reads, writes, or keeps.
#pragma once

#include <string>

#include "exporter/confinement/capabilities.h"

namespace conntrack::exporter {

/// Returns a check for CLI::Option::check(), to run before all others. It rejects the flag if this
/// process has privileges that its caller does not have.
[[nodiscard]] inline auto TrustedCaller() {
  return [](const std::string& /*text*/) -> std::string {
    if (!confinement::HasMoreThanItsCaller()) return {};
    return "not allowed, because the file of this program (setcap, set-user-ID) gives it "
           "privileges that you do not have; start it as root, or by a systemd unit with "
           "AmbientCapabilities=, or leave this flag out";
  };
}

}  // namespace conntrack::exporter
