// Notifications to systemd, for a unit of Type=notify: the protocol of sd_notify(3).
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "kernel/result.h"
#include "kernel/unique_fd.h"

namespace conntrack::exporter {

/// \brief  The notification socket. Move-only. Without one, nothing is sent.
/// A message that cannot be sent within half a second is dropped.
/// Threads and cost: any; one write(2) a message.
class ServiceManager {
 public:
  /// Without a socket.
  ServiceManager() = default;

  /// \brief  Connects to NOTIFY_SOCKET, a path or, with @, an abstract address; without the
  /// variable there is no socket. Before the process confines itself: it can make no UNIX socket
  /// afterwards.
  /// Errors:  kMalformed if it is neither; kIo and the like if it cannot connect.
  [[nodiscard]] static Result<ServiceManager> FromEnvironment();

  void Ready(std::string_view status) const;  ///< `systemctl status` shows the status.
  void Stopping() const;
  void Alive() const;  ///< To be sent each watchdog_period().

  /// Half of WatchdogSec=, if the unit has it.
  [[nodiscard]] std::optional<std::chrono::microseconds> watchdog_period() const {
    return watchdog_period_;
  }

 private:
  void Send(std::string_view text) const;

  kernel::UniqueFd socket_;
  std::optional<std::chrono::microseconds> watchdog_period_;
};

}  // namespace conntrack::exporter
