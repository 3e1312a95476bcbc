// Sockets to the kernel that the tests run on.
#pragma once

#include <memory>

#include "kernel/netlink/netlink_socket.h"

namespace conntrack::test {

[[nodiscard]] inline std::shared_ptr<const kernel::Presence> HostPresence() {
  return std::make_shared<const kernel::Presence>(kernel::KernelFiles("/proc"),
                                                  kernel::KernelFiles("/sys"));
}

[[nodiscard]] inline Result<std::unique_ptr<kernel::NetlinkSocket>> OpenHostNetlink() {
  return kernel::OpenNetlinkSocket(HostPresence());
}

}  // namespace conntrack::test
