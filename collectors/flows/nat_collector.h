// conntrack_snat_*: use of source NAT ports.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "collectors/collector.h"
#include "collectors/flows/flow_sampler.h"
#include "kernel/proc/kernel_files.h"
#include "kernel/proc/sysctl.h"

namespace conntrack {

struct NatOptions {
  std::size_t top = 10;  ///< Number of tuples that are named.

  /// Ports that a tuple can use; std::nullopt: those in net.ipv4.ip_local_port_range.
  /// nf_nat_l4proto_unique_tuple() uses 1024 to 65535 if a rule names no ports. The sysctl is for
  /// sockets of the host; it only applies if the gateway's own rule names that range.
  std::optional<kernel::PortRange> port_range = kernel::PortRange{1024, 65535};
};

struct NatReading {
  std::shared_ptr<const SnatSummary> snat;
  std::optional<std::uint64_t> ports = {};  ///< Ports that one tuple can use.
  std::vector<Omission> omissions = {};
};

/// \brief  Returns the number of ports that one tuple can use: those of `given`, or of
///         net.ipv4.ip_local_port_range.
/// Errors:  those of reading the sysctl.
[[nodiscard]] Result<std::uint64_t> CountPorts(const std::optional<kernel::PortRange>& given,
                                               const kernel::KernelFiles& proc);

/// \brief  Ports in use by the busiest tuples (address behind NAT, protocol, remote endpoint), and
///         the ports available.
/// Source:  flows with IPS_SRC_NAT in the walk of a FlowSampler (see SnatPorts). The gateway's own
///          connections that are not translated use ports of the same pool, but are not counted.
/// Units:   ports, current; the sum covers all flows behind NAT of protocols with ports.
/// Errors:  as FlowsCollector. Values that need an unreadable sysctl are omitted.
/// Threads and cost: any thread; waits for a walk, at most until the deadline of the scrape.
class NatCollector final : public Collector {
 public:
  NatCollector(std::shared_ptr<FlowSampler> sampler, kernel::KernelFiles proc,
               std::optional<kernel::PortRange> port_range)
      : sampler_(std::move(sampler)), proc_(std::move(proc)), port_range_(port_range) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;
  [[nodiscard]] std::optional<std::chrono::steady_clock::duration> WaitsFor() const override {
    if (!port_range_) return std::nullopt;  // it reads a sysctl
    return sampler_->UnderWay();
  }

 private:
  const std::shared_ptr<FlowSampler> sampler_;
  const kernel::KernelFiles proc_;
  const std::optional<kernel::PortRange> port_range_;
};

[[nodiscard]] CatalogueEntry NatEntry();

}  // namespace conntrack
