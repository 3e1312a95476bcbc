// What collectors read the kernel through.
#pragma once

#include "collectors/kernel/kernel_files.h"
#include "collectors/kernel/kmsg_port.h"
#include "collectors/kernel/netlink_port.h"

namespace conntrack {

/// The ways into the kernel, given to every collector. Tests put captured files and built messages
/// in their place.
struct KernelAccess {
  kernel::KernelFiles proc;
  kernel::KernelFiles sys;
  kernel::KernelFiles root;  ///< The file system of the host: /etc, /usr/lib, /run.
  kernel::OpenNetlinkPort netlink;
  kernel::OpenKmsgPort kmsg = {};  ///< The kernel's log. Only for those who read it.
};

}  // namespace conntrack
