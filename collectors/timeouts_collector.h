// conntrack_timeout_seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/collector.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack {

/// The flows that a timeout sysctl applies to, with the label values of conntrack_flows.
struct TimeoutKey {
  std::string protocol;
  std::vector<std::string> states;
};

/// \brief  Returns protocol and states for the name of a timeout sysctl; std::nullopt if it is not
///         a timeout of flows. "nf_conntrack_tcp_timeout_close_wait" is tcp, CLOSE_WAIT. A timeout
///         without a state ("nf_conntrack_udp_timeout") applies to UNREPLIED and REPLIED flows, its
///         "_stream" to ASSURED ones, "nf_flowtable_tcp_timeout" to OFFLOAD.
[[nodiscard]] std::optional<TimeoutKey> TimeoutKeyOf(std::string_view sysctl);

/// The timeout of flows in a state, with the label values of conntrack_flows.
struct StateTimeout {
  std::string protocol;
  std::string state;
  std::int64_t seconds = 0;
};

struct TimeoutsReading {
  std::vector<StateTimeout> timeouts;
  std::vector<Omission> omissions;
};

/// \brief  All timeouts of the running kernel, with the labels of conntrack_flows, so that the two
///         can be joined.
/// Source:  all *_timeout* files in /proc/sys/net/netfilter, except those of IPv6 reassembly
///          (frag6) and of event delivery.
/// Units:   whole seconds.
/// Errors:  kAbsent if connection tracking is not loaded. A file that disappears or does not
///          contain a number is omitted by name.
/// Threads and cost: any thread; three system calls per file, some 35 files.
class TimeoutsCollector final : public Collector {
 public:
  explicit TimeoutsCollector(kernel::KernelFiles proc) : proc_(std::move(proc)) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  kernel::KernelFiles proc_;
};

[[nodiscard]] CatalogueEntry TimeoutsEntry();

}  // namespace conntrack
