// Network interfaces, and what their drivers tell (ethtool).
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

/// The names of interfaces in the text of /proc/net/dev; empty where it has none.
[[nodiscard]] std::vector<std::string> ParseNetDev(std::string_view text);

/// What a driver counts, by its own names, as `ethtool -S` shows them.
using DriverStatistics = std::map<std::string, std::uint64_t, std::less<>>;

/// Names as ETHTOOL_GSTRINGS yields them, 32 bytes each and not always ended by a zero, with the
/// values of ETHTOOL_GSTATS. What has no counterpart is left out.
[[nodiscard]] DriverStatistics ParseDriverStatistics(std::string_view names,
                                                     std::span<const std::uint64_t> values);

/// \brief  Asks the drivers of the network interfaces of one network namespace.
/// Errors:  kAbsent if there is no such interface (any more), or its driver does not tell.
/// Threads: any.
class Ethtool {
 public:
  virtual ~Ethtool() = default;

  /// Errors:  of KernelFiles::Read().
  [[nodiscard]] virtual Result<std::vector<std::string>> Interfaces() const = 0;

  /// The name of the driver: "ena", "veth".
  [[nodiscard]] virtual Result<std::string> Driver(const std::string& interface) const = 0;

  /// Errors:  also kInterrupted if the driver changed its list meanwhile; kMalformed if it has more
  ///          statistics than any known driver.
  [[nodiscard]] virtual Result<DriverStatistics> Statistics(const std::string& interface) const = 0;
};

/// \brief  An Ethtool for the network namespace in which it is opened.
/// Source:  net/dev below `proc`, the same namespace; SIOCETHTOOL on a UNIX socket, which is never
///          connected: this needs neither IP nor netlink, and no capability. Only the four commands
///          are sent that read names and statistics. The kernel takes its lock for networking
///          (rtnl) for each.
/// Errors:  of socket(2).
/// Cost:    one descriptor; a system call for Driver(), three for Statistics().
[[nodiscard]] Result<std::shared_ptr<const Ethtool>> OpenEthtool(KernelFiles proc);

}  // namespace conntrack::kernel
