// conntrack_ena_*: what the cloud allows an instance of EC2.
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

/// What EC2 limits, as the driver names it: connections, packets a second, bandwidth in and out,
/// packets to the services of the instance's own link (DNS, time, metadata).
inline constexpr std::array<std::string_view, 5> kEnaAllowances = {"conntrack", "pps", "bw_in",
                                                                   "bw_out", "linklocal"};

struct EnaInterface {
  std::string name;
  std::optional<std::uint64_t> available;  ///< Connections that EC2 would still track.
  /// Packets, by kEnaAllowances; absent where the driver does not tell.
  std::array<std::optional<std::uint64_t>, kEnaAllowances.size()> exceeded;

  /// Packets that EC2 dropped because it could track no more connections.
  [[nodiscard]] std::optional<std::uint64_t> refused() const { return exceeded[0]; }
};

struct EnaReading {
  struct Growth {
    std::uint64_t packets = 0;
    double seconds = 0;
  };

  std::vector<EnaInterface> interfaces;
  std::optional<Growth> refused_recently;  ///< On all interfaces.
};

/// \brief  Allowances of EC2 that the driver of its network interfaces (ena) reports.
/// Source:  statistics of the driver, as `ethtool -S` shows them: ALLOWANCE_allowance_exceeded and,
///          in newer versions, conntrack_allowance_available. Interfaces of the own network
///          namespace; those that come are found within a minute.
/// Units:   packets since the driver began to count; connections.
/// Errors:  kAbsent where no interface has this driver. An interface that goes is left out.
/// Threads and cost: any thread; a file and three system calls for each such interface, and once a
///          minute one for each interface that there is.
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
