// What this command line needs once the process is confined.
#pragma once

#include "exporter/command_line/options.h"
#include "exporter/confinement/confinement.h"

namespace conntrack::exporter {

/// How an enabled collector uses a capability.
struct CollectorUse {
  std::string collector;
  CapabilityUse use;
};

/// Returns the uses by `options.collectors` of capabilities that they need on this host.
[[nodiscard]] std::vector<CollectorUse> CapabilityUsesOf(const Options& options,
                                                         const KernelAccess& access);

/// Returns whether this run may read flows by BPF, so that the programs must be loaded at the
/// start.
[[nodiscard]] bool WalksByBpf(const Options& options);

/// \brief  Returns the capabilities, files and ports that the options require, and no others.
/// `options.collectors` must be the collectors that really run: see LeaveOutUnreadable(). Opens the
/// web configuration and the files it names, and checks whether this user can read them, and write
/// the text file, without a capability. Invalid files are reported by their user, not here.
[[nodiscard]] confinement::Needs NeedsOf(const Options& options, const KernelAccess& access);

}  // namespace conntrack::exporter
