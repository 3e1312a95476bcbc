// Network interfaces and the statistics of their drivers (ethtool).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// Returns the interface names in the text of /proc/net/dev; empty if there are none.
[[nodiscard]] std::vector<std::string> ParseNetDev(std::string_view text);

/// Statistics of a driver by its own names, as `ethtool -S` shows them.
using DriverStatistics = std::map<std::string, std::uint64_t, std::less<>>;

/// Pairs the names of ETHTOOL_GSTRINGS with the values of ETHTOOL_GSTATS. Each name takes 32 bytes
/// and may lack a terminating zero. Names without a value and values without a name are left out.
[[nodiscard]] DriverStatistics ParseDriverStatistics(std::string_view names,
                                                     std::span<const std::uint64_t> values);

/// \brief  Queries the drivers of the network interfaces in one network namespace.
/// Errors:  kAbsent if the interface does not exist, or if its driver does not answer the query.
/// Threads: any.
class Ethtool {
 public:
  virtual ~Ethtool() = default;

  /// Errors:  see KernelFiles::Read().
  [[nodiscard]] virtual Result<std::vector<std::string>> Interfaces() const = 0;

  /// Returns the name of the driver: "ena", "veth".
  [[nodiscard]] virtual Result<std::string> Driver(const std::string& interface) const = 0;

  /// Errors:  also kInterrupted if the driver changed its list during the read; kMalformed if it
  ///          has more statistics than any known driver.
  [[nodiscard]] virtual Result<DriverStatistics> Statistics(const std::string& interface) const = 0;
};

/// \brief  Opens an Ethtool for the network namespace of the calling thread.
/// Source:  net/dev below `proc`, which must show the same namespace; SIOCETHTOOL on a UNIX socket
///          that is never connected. This needs no IP, no netlink and no capability. Only the four
///          commands that read names and statistics are sent. The kernel takes its networking lock
///          (rtnl) for each.
/// Errors:  see socket(2).
/// Cost:    one descriptor; one system call for Driver(), three for Statistics().
[[nodiscard]] Result<std::shared_ptr<const Ethtool>> OpenEthtool(KernelFiles proc);

}  // namespace conntrack::kernel
