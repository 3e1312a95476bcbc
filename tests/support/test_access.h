// KernelAccess onto captures and scripts.
#pragma once

#include <string>

#include "collectors/kernel_access.h"
#include "tests/support/captures.h"
#include "tests/support/fake_event_port.h"
#include "tests/support/fake_netlink_port.h"

namespace conntrack::test {

/// The files of a capture (`root` where it has one), and a netlink that refuses or answers as told.
[[nodiscard]] inline KernelAccess AccessTo(const std::string& capture,
                                           kernel::OpenNetlinkPort netlink = RefusingKernel(),
                                           kernel::OpenEventPort events = RefusingEvents()) {
  return {kernel::KernelFiles(Capture(capture) / "proc"),
          kernel::KernelFiles(Capture(capture) / "sys"),
          kernel::KernelFiles(Capture(capture) / "root"), std::move(netlink), std::move(events)};
}

}  // namespace conntrack::test
