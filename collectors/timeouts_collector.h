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

/// Which flows a timeout sysctl applies to, in the words of conntrack_flows.
struct TimeoutKey {
  std::string protocol;
  std::vector<std::string> states;
};

/// \brief  Protocol and states of a timeout by the name of its sysctl; nothing where the name is no
/// timeout of flows.
/// "nf_conntrack_tcp_timeout_close_wait" is tcp, CLOSE_WAIT. A timeout without a state
/// ("nf_conntrack_udp_timeout") is that of UNREPLIED and REPLIED flows, its "_stream" that of
/// ASSURED ones; "nf_flowtable_tcp_timeout" is that of OFFLOAD.
[[nodiscard]] std::optional<TimeoutKey> TimeoutKeyOf(std::string_view sysctl);

/// The lifetime of flows in a state, in the words of conntrack_flows.
struct StateTimeout {
  std::string protocol;
  std::string state;
  std::int64_t seconds = 0;
};

struct TimeoutsReading {
  std::vector<StateTimeout> timeouts;
  std::vector<Omission> omissions;
};

/// \brief  Every timeout of the running kernel, keyed like conntrack_flows so that the two can be
/// joined.
/// Source:  every *_timeout* file of /proc/sys/net/netfilter, but those of IPv6 reassembly (frag6)
///          and of event delivery, which are not of flows.
/// Units:   whole seconds.
/// Errors:  kAbsent where connection tracking is not loaded. A file that vanishes or holds no
///          number is omitted by name.
/// Threads and cost: any thread; three system calls a file, some 35 files.
class TimeoutsCollector final : public Collector {
 public:
  explicit TimeoutsCollector(kernel::KernelFiles proc) : proc_(std::move(proc)) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  kernel::KernelFiles proc_;
};

[[nodiscard]] CatalogueEntry TimeoutsEntry();

}  // namespace conntrack
