// KernelAccess onto captures and scripts.
#pragma once

#include <string>

#include "collectors/kernel_access.h"
#include "tests/support/captures.h"
#include "tests/support/fake_event_socket.h"
#include "tests/support/fake_kmsg_reader.h"
#include "tests/support/fake_netlink_socket.h"

namespace conntrack::test {

/// The files of a capture (`root` where it has one), a netlink, events and a kernel log that
/// refuse or answer as told.
[[nodiscard]] inline KernelAccess AccessTo(const std::string& capture,
                                           kernel::NetlinkSocketFactory netlink = RefusingKernel(),
                                           kernel::EventSocketFactory events = RefusingEvents(),
                                           kernel::KmsgReaderFactory kmsg = RefusingKmsg()) {
  return {kernel::KernelFiles(Capture(capture) / "proc"),
          kernel::KernelFiles(Capture(capture) / "sys"),
          kernel::KernelFiles(Capture(capture) / "root"),
          std::move(netlink),
          std::move(events),
          std::move(kmsg)};
}

}  // namespace conntrack::test
