// KernelAccess onto captures and scripts.
#pragma once

#include <string>

#include "collectors/kernel_access.h"
#include "tests/support/captures.h"
#include "tests/support/fake_kmsg_port.h"
#include "tests/support/fake_netlink_port.h"

namespace conntrack::test {

/// The files of a capture (`root` where it has one), a netlink and a kernel log that refuse or
/// answer as told.
[[nodiscard]] inline KernelAccess AccessTo(const std::string& capture,
                                           kernel::OpenNetlinkPort netlink = RefusingKernel(),
                                           kernel::OpenKmsgPort kmsg = RefusingKmsg()) {
  return {kernel::KernelFiles(Capture(capture) / "proc"),
          kernel::KernelFiles(Capture(capture) / "sys"),
          kernel::KernelFiles(Capture(capture) / "root"), std::move(netlink), std::move(kmsg)};
}

}  // namespace conntrack::test
