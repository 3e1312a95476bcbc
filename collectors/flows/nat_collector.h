// conntrack_snat_*: how close source NAT is to having no port left.
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
  std::size_t top = 10;  ///< How many tuples are named.

  /// \brief  Ports that a tuple can use; nothing: as many as net.ipv4.ip_local_port_range has.
  /// nf_nat_l4proto_unique_tuple() takes 1024 to 65535 where a rule names no ports; the sysctl, for
  /// sockets of the host, is the measure only where the gateway's own rule says so.
  std::optional<kernel::PortRange> port_range = kernel::PortRange{1024, 65535};
};

struct NatReading {
  std::shared_ptr<const SnatSummary> snat;
  std::optional<std::uint64_t> ports = {};  ///< That one tuple can use.
  std::vector<Omission> omissions = {};
};

/// \brief  The ports that one tuple can use: those given, or of net.ipv4.ip_local_port_range.
/// Errors:  of reading the sysctl.
[[nodiscard]] Result<std::uint64_t> CountPorts(const std::optional<kernel::PortRange>& given,
                                               const kernel::KernelFiles& proc);

/// \brief  Ports in use by the busiest (address behind NAT, protocol, remote endpoint), and of how
/// many.
/// Source:  flows with IPS_SRC_NAT in the walk of a FlowSampler (see SnatPorts). Connections of the
///          gateway itself that are not translated take ports of the same pool and are not seen.
/// Units:   ports, current; the sum is that of all flows behind NAT of protocols with ports.
/// Errors:  as FlowsCollector. What needs an unreadable sysctl is omitted.
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
