// Notifications to systemd, for a unit of Type=notify. sd_notify(3) documents the protocol for use without its library.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "kernel/result.h"
#include "kernel/unique_fd.h"

namespace conntrack::exporter {

/// \brief  The notification socket. Move-only. Without one, nothing is sent.
/// A message that cannot be sent is dropped.
/// Threads and cost: any; one write(2) a message, which waits where systemd is behind.
class ServiceManager {
 public:
  /// Without a socket.
  ServiceManager() = default;

  /// \brief  Connects to NOTIFY_SOCKET, a path or, with @, an abstract address; without the variable there is no socket. To
  /// be called before the process confines itself: it can make no UNIX socket afterwards.
  /// Errors:  kMalformed where it is neither; kIo and the like where it cannot connect.
  [[nodiscard]] static Result<ServiceManager> FromEnvironment();

  void Ready(std::string_view status) const;  ///< `systemctl status` shows the status.
  void Stopping() const;
  void Alive() const;  ///< To be sent each watchdog_period().

  /// Half of WatchdogSec=, where the unit has it: systemd kills the service that is silent for twice as long.
  [[nodiscard]] std::optional<std::chrono::microseconds> watchdog_period() const {
    return watchdog_period_;
  }

 private:
  void Send(std::string_view text) const;

  kernel::UniqueFd socket_;
  std::optional<std::chrono::microseconds> watchdog_period_;
};

}  // namespace conntrack::exporter
