// What tuned's active profile sets.
#pragma once

#include <optional>

#include "kernel/boot/boot_writers.h"
#include "kernel/proc/kernel_files.h"
#include "kernel/proc/processes.h"

namespace conntrack::kernel {

/// \brief  The sysctls of tuned's active profiles; nothing if tuned is not there, or sets none and
///         applies no files.
/// Source:  /etc/tuned/active_profile, post_loaded_profile and tuned-main.conf; tuned.conf of the
///          profiles and of those that they include, merged as tuned/profiles/merger.py does;
///          plugin_sysctl.py applies them.
/// Errors:  a doubt for variables, functions, scripts, and options that choose by the machine; all
///          is in doubt where neither the process `tuned` nor the link that starts it is there.
/// Threads and cost: any thread; some 10 us for each profile.
[[nodiscard]] std::optional<BootWriter> ReadTuned(const KernelFiles& root,
                                                  const ProcessSearch& services);

}  // namespace conntrack::kernel
