// The rights of a process that collectors can make use of.
#pragma once

#include <linux/capability.h>

#include <functional>
#include <string_view>

#include "collectors/kernel_access.h"

namespace conntrack {

/// Of capabilities(7), those that this program may have a use for.
enum class Capability : int {
  kDacOverride = CAP_DAC_OVERRIDE,
  kDacReadSearch = CAP_DAC_READ_SEARCH,
  kNetBindService = CAP_NET_BIND_SERVICE,
  kNetAdmin = CAP_NET_ADMIN,
  kSysPtrace = CAP_SYS_PTRACE,
  kSysAdmin = CAP_SYS_ADMIN,
  kSyslog = CAP_SYSLOG,
};

/// What a collector does with a capability. What no enabled collector declares is given up at the
/// start.
struct CapabilityUse {
  Capability capability;
  std::string_view purpose;  ///< For `check`: what is not there without it.
  bool required = false;     ///< Without it the collector yields nothing at all.
  /// Where it is set: whether this host wants the capability for it.
  std::function<bool(const KernelAccess&)> wanted_here = {};
};

}  // namespace conntrack
