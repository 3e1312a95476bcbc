// What this command line needs once the process is confined.
#pragma once

#include "exporter/command_line/options.h"
#include "exporter/confinement/confinement.h"

namespace conntrack::exporter {

/// What a collector makes of a capability, for those that are on.
struct CollectorUse {
  std::string collector;
  CapabilityUse use;
};

/// Of the collectors in `options.collectors`, where this host wants the capability.
[[nodiscard]] std::vector<CollectorUse> CapabilityUsesOf(const Options& options,
                                                         const KernelAccess& access);

/// Whether this run may read flows by BPF, so that the programs have to be loaded at the start.
[[nodiscard]] bool WalksByBpf(const Options& options);

/// \brief  Capabilities, files and ports for what the options ask for, and no others.
/// `options.collectors` are those that really run: see LeaveOutUnreadable(). Opens the web
/// configuration and the files that it names, and finds out whether this user may read them, and
/// write the text file, without a capability. What is wrong with a file is for its user to report.
[[nodiscard]] confinement::Needs NeedsOf(const Options& options, const KernelAccess& access);

}  // namespace conntrack::exporter
