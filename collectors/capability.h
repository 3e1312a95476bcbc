// Capabilities that collectors use.
#pragma once

#include <linux/capability.h>

#include <functional>
#include <string_view>

#include "collectors/kernel_access.h"

namespace conntrack {

/// The capabilities(7) that this program may use.
enum class Capability : int {
  kDacOverride = CAP_DAC_OVERRIDE,
  kDacReadSearch = CAP_DAC_READ_SEARCH,
  kNetBindService = CAP_NET_BIND_SERVICE,
  kNetAdmin = CAP_NET_ADMIN,
  kSysPtrace = CAP_SYS_PTRACE,
  kSysAdmin = CAP_SYS_ADMIN,
  kSyslog = CAP_SYSLOG,
};

/// The use of a capability by a collector. The process drops capabilities that no enabled collector
/// declares.
struct CapabilityUse {
  Capability capability;
  std::string_view purpose;  ///< For `check`: what is missing without it.
  bool required = false;     ///< Without it, the collector returns nothing at all.
  /// If set, returns whether this host needs the capability for the purpose.
  std::function<bool(const KernelAccess&)> wanted_here = {};
};

}  // namespace conntrack
