// KmsgReader on /dev/kmsg.
#pragma once

#include <filesystem>
#include <memory>

#include "kernel/log/kmsg_port.h"

namespace conntrack::kernel {

/// \brief  Opens the kernel's log for reading.
/// Source:  the device `path`, character device 1:11 (devkmsg_open() and devkmsg_read() in
///          kernel/printk/printk.c, since 3.5). The log is not namespaced: one reader sees the
///          lines of all network namespaces.
/// Errors:  kAbsent where there is no such device, as in most containers; kDenied, with the
///          remedy, where the file mode forbids it, where kernel.dmesg_restrict is 1 and CAP_SYSLOG
///          is missing, where printk.devkmsg=off, or where a device cgroup keeps it closed.
/// Threads and cost: any thread; open, fstat, eventfd. A read is one system call a record.
[[nodiscard]] Result<std::unique_ptr<KmsgReader>> OpenKmsg(const std::filesystem::path& path);

}  // namespace conntrack::kernel
