// conntrack_ena_*: limits of EC2 for this instance.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/cached.h"
#include "collectors/collector.h"
#include "collectors/kernel_access.h"
#include "collectors/recent_readings.h"

namespace conntrack {

/// The limits of EC2, by the driver's names: connections, packets per second, bandwidth in and out,
/// packets to link-local services (DNS, time, metadata).
inline constexpr std::array<std::string_view, 5> kEnaAllowances = {"conntrack", "pps", "bw_in",
                                                                   "bw_out", "linklocal"};

struct EnaInterface {
  std::string name;
  std::optional<std::uint64_t> available;  ///< Connections that EC2 can still track.
  /// Packets, by kEnaAllowances; absent if the driver does not report it.
  std::array<std::optional<std::uint64_t>, kEnaAllowances.size()> exceeded;

  /// Returns the packets that EC2 dropped because it could not track more connections.
  [[nodiscard]] std::optional<std::uint64_t> refused() const { return exceeded[0]; }
};

struct EnaReading {
  struct Growth {
    std::uint64_t packets = 0;
    double seconds = 0;
  };

  std::vector<EnaInterface> interfaces;
  std::optional<Growth> refused_recently;  ///< Sum of all interfaces.
};

/// \brief  EC2 allowances, as reported by the driver of its network interfaces (ena).
/// Source:  statistics of the driver, as `ethtool -S` shows them: ALLOWANCE_allowance_exceeded and,
///          in newer versions, conntrack_allowance_available. Covers interfaces of the current
///          network namespace; new ones are found within a minute.
/// Units:   packets since the driver was loaded; connections.
/// Errors:  kAbsent if no interface has this driver. Interfaces that disappear are left out.
/// Threads and cost: any thread; one file and three system calls per ena interface; once a minute,
///          one system call per interface of the namespace.
class EnaCollector final : public Collector {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  explicit EnaCollector(KernelAccess access, Clock clock = std::chrono::steady_clock::now)
      : access_(std::move(access)),
        clock_(std::move(clock)),
        names_(clock_, std::chrono::minutes(1)) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  const KernelAccess access_;
  const Clock clock_;
  Cached<Result<std::vector<std::string>>> names_;
  RecentReadings<std::vector<EnaInterface>> recent_;
};

[[nodiscard]] CatalogueEntry EnaEntry();

}  // namespace conntrack
