// Files for /etc/modprobe.d, /etc/modules-load.d and /etc/udev/rules.d.
#pragma once

#include <string>

#include "exporter/commands/advise/advice.h"

namespace conntrack::exporter::advise {

/// The buckets from the moment on that the module is loaded.
[[nodiscard]] std::string ModprobeFile(const Machine& machine, const Advice& advice);

/// Loads the module at boot, before systemd-sysctl.
[[nodiscard]] std::string ModulesLoadFile(const Machine& machine, const Advice& advice);

/// Applies the sysctls again when the module appears later.
[[nodiscard]] std::string UdevFile(const Machine& machine, const Advice& advice);

}  // namespace conntrack::exporter::advise
