// What systemd is told of a unit of Type=notify. The protocol is that of sd_notify(3), which says that it may be spoken without
// its library.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "kernel/result.h"
#include "kernel/unique_fd.h"

namespace conntrack::exporter {

/// \brief  The socket that systemd listens on for one service. Move-only. Without one, nobody is told anything.
///
/// What cannot be sent is lost in silence: systemd then takes its own view of a service that does not report.
/// Threads and cost: any; one write(2) a message, which waits where systemd is behind.
class ServiceManager {
 public:
  /// Nobody to tell.
  ServiceManager() = default;

  /// \brief  Connects to what NOTIFY_SOCKET names, a path or, with @, an abstract address. Before the process confines itself:
  /// it can make no UNIX socket afterwards.
  /// Errors:  kMalformed where it is neither; kIo and the like where nobody listens there. Nothing without NOTIFY_SOCKET.
  [[nodiscard]] static Result<ServiceManager> FromEnvironment();

  /// The service works. `status` is what `systemctl status` shows.
  void Ready(std::string_view status) const;

  /// It ends, because it was told to.
  void Stopping() const;

  /// It is alive. To be sent each watchdog_period().
  void Alive() const;

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
