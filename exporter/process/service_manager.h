// Notifications to systemd, for a unit with Type=notify: the protocol of sd_notify(3).
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "kernel/result.h"
#include "kernel/unique_fd.h"

namespace conntrack::exporter {

/// \brief  The notification socket. Move-only. Without a socket, nothing is sent.
/// A message that cannot be sent within 0.5 s is dropped.
/// Threads and cost: any thread; one write(2) per message.
class ServiceManager {
 public:
  /// Without a socket.
  ServiceManager() = default;

  /// \brief  Connects to NOTIFY_SOCKET, a path or, with @, an abstract address; without the
  /// variable there is no socket. Call it before the process confines itself, because it cannot
  /// create UNIX sockets afterwards.
  /// Errors:  kMalformed if it is neither; kIo and others if it cannot connect.
  [[nodiscard]] static Result<ServiceManager> FromEnvironment();

  void Ready(std::string_view status) const;  ///< `status` is for `systemctl status`.
  void Stopping() const;
  void Alive() const;  ///< Send it each watchdog_period().

  /// Returns half of WatchdogSec=; std::nullopt if the unit has none.
  [[nodiscard]] std::optional<std::chrono::microseconds> watchdog_period() const {
    return watchdog_period_;
  }

 private:
  void Send(std::string_view text) const;

  kernel::UniqueFd socket_;
  std::optional<std::chrono::microseconds> watchdog_period_;
};

}  // namespace conntrack::exporter
