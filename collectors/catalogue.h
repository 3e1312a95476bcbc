// Every collector there is.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/capability.h"
#include "collectors/collector.h"
#include "collectors/entries_peak.h"
#include "collectors/flows/flow_sampler.h"
#include "collectors/flows/flow_source_choice.h"
#include "collectors/flows/nat_collector.h"
#include "collectors/flows/talkers.h"
#include "collectors/kernel_access.h"
#include "collectors/sizing.h"

namespace conntrack {

/// What the command line sets for collectors.
struct CollectorOptions {
  double flows_cpu_share = 0.10;
  std::size_t flows_max_zones = 64;
  FlowSourceOptions flows_source;

  TalkersOptions talkers;
  NatOptions nat;
  std::size_t events_buffer_bytes = std::size_t{32} << 20;
  std::optional<SizingProfile> sizing_profile;
  std::size_t netns_max = 64;
};

/// What a collector is made from.
struct CollectorInputs {
  const KernelAccess& access;
  const CollectorOptions& options;
  /// The sampler that all collectors of flows share: made for the first one that asks.
  const std::function<std::shared_ptr<FlowSampler>()>& flow_sampler;
  /// The sampler of the count, shared and made likewise.
  const std::function<std::shared_ptr<EntriesPeak>()>& entries_peak;
};

struct CatalogueEntry {
  std::string_view name;  ///< Of the flag --collector.NAME and of the label collector.
  bool on_by_default;
  std::string_view summary;  ///< For --help: what it yields.
  std::string_view
      needs;  ///< For `check`: the capability or right it needs, "nothing" where it needs none.
  std::function<std::unique_ptr<Collector>(const CollectorInputs&)> make;
  /// Where it is set: why this process cannot read what the collector needs, nothing where it can.
  /// Such a collector is on by default only where it can read.
  std::function<std::optional<Error>(const KernelAccess&)> why_unreadable = {};
  /// All that it has a use for; the process keeps no other.
  std::vector<CapabilityUse> capabilities = {};
};

/// The collectors, in the order of the documentation. A new one is one entry here.
[[nodiscard]] std::span<const CatalogueEntry> Catalogue();

/// A collector that would be on by default, but for what this process may not read.
struct LeftOut {
  std::string name;
  Error reason;
};

/// Takes out of `names` the collectors that are on by default only where they can read, and cannot.
/// Those in `asked_for` stay: they are to fail as any other does.
[[nodiscard]] std::vector<LeftOut> LeaveOutUnreadable(std::vector<std::string>& names,
                                                      const std::vector<std::string>& asked_for,
                                                      const KernelAccess& access);

/// The collectors with these names, in the order of the catalogue; unknown names are passed over.
[[nodiscard]] std::vector<NamedCollector> MakeCollectors(const std::vector<std::string>& names,
                                                         const KernelAccess& access,
                                                         const CollectorOptions& options);

}  // namespace conntrack
