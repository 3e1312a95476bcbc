// State of connection tracking at one moment, as plain figures for diagnosis and display.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/collector.h"
#include "collectors/ena_collector.h"
#include "collectors/flows/flow_counts.h"
#include "collectors/flows/snat_ports.h"
#include "collectors/flows/talkers.h"
#include "collectors/flows/workloads.h"
#include "collectors/timeouts_collector.h"
#include "diagnosis/loss_by_cause.h"
#include "kernel/boot/persistence.h"
#include "kernel/place.h"
#include "kernel/proc/presence.h"

namespace conntrack {

struct MemoryFigures {
  std::optional<std::uint64_t> entries;     ///< Bytes in use by entries of this namespace.
  std::optional<std::uint64_t> hash_table;  ///< Bytes of the buckets.
  std::optional<std::uint64_t> at_limit;    ///< Bytes of both with a full table; an estimate.
  std::optional<std::uint64_t> machine;     ///< Bytes of memory of the host.
  bool measured = false;  ///< From slabinfo; otherwise estimated by kernel release.
  std::optional<std::uint64_t> host_entries = {};  ///< Bytes of all namespaces; only if measured.
};

struct StateFigure {
  std::string protocol;
  std::string state;
  std::uint64_t flows = 0;
  std::optional<std::uint64_t> timeout;  ///< Seconds; absent if the kernel has none for it.
};

struct ProtocolFigure {
  std::string protocol;
  std::uint64_t flows = 0;
  std::uint64_t unreplied = 0;
};

/// Established TCP flows without a packet for some time.
struct IdleFigure {
  std::uint64_t flows = 0;
  std::uint64_t idle_seconds = 0;     ///< Minimum idle time.
  std::uint64_t timeout_seconds = 0;  ///< Timeout of established flows.
};

/// The flows of one walk, IPv4 and IPv6 together. States and protocols without flows are left out;
/// the most frequent is first.
struct FlowFigures {
  std::uint64_t flows = 0;
  std::uint64_t ipv6 = 0;
  std::uint64_t unreplied = 0;
  std::uint64_t assured = 0;  ///< Flows that the kernel never evicts.
  std::vector<ProtocolFigure> protocols;
  std::vector<StateFigure> states;
  std::optional<IdleFigure> idle;
  std::optional<std::uint64_t> unseen;  ///< Counted entries that the walk missed.
  std::optional<double> age_seconds;    ///< Since the walk completed.
  std::optional<double> walk_seconds;   ///< Duration of the walk.
};

/// The most frequent, in descending order, and the sum of all others.
using Ranking = TopList<std::string>;

/// The flows of an address, a network, or a service ("udp/53").
using TalkerFigure = Ranking::Entry;

struct TalkerFigures {
  Ranking sources;
  Ranking destinations;
  Ranking services;
  std::vector<ClassFlows> classes = {};  ///< "other" last; empty if no classes are configured.
  std::optional<Ranking> pairs = {};     ///< "10.0.0.1 -> 192.0.2.1 tcp/443", if counted.
  std::optional<Ranking> backends = {};  ///< "192.0.2.1 tcp/443 -> 10.0.0.9", if pairs are counted.
};

/// Source ports in use on one translated address towards one remote endpoint.
struct SnatFigure {
  std::string address;
  std::string protocol;
  std::string remote;  ///< Address and port.
  std::uint64_t used = 0;
  std::uint64_t available = 0;
};

/// A setting that the next boot changes, or that a boot file sets without effect.
struct DriftFigure {
  std::string setting;
  std::optional<std::int64_t> running;    ///< Absent if it must not be shown.
  std::string reason;                     ///< ToString(kernel::DriftReason)
  std::optional<std::int64_t> persisted;  ///< Set by the boot files, in time or not.
  std::string file;                       ///< The line that sets it, "path:line"; may be empty.
  std::string managed_by = {};  ///< The program that sets it: "systemd-sysctl", "kube-proxy".
  std::optional<std::int64_t> left = {};  ///< The value after a boot if a line has no effect.
};

struct LossFigures {
  LossByCause packets;
  std::optional<double> seconds;  ///< Absent: since the network namespace was created.
};

/// All figures are optional. A figure that could not be read is absent, and `missing` has the
/// reason.
struct Situation {
  std::optional<Error> no_table;      ///< Set if nf_conntrack is not loaded.
  bool table_unknown = false;         ///< Cannot tell whether nf_conntrack is loaded.
  std::optional<Error> no_ctnetlink;  ///< Set if the table cannot be read over netlink.
  std::optional<std::uint64_t> entries;
  std::optional<std::uint64_t> peak;   ///< Most entries in the last minute.
  std::optional<std::uint64_t> limit;  ///< 0: no limit, before Linux 6.19.
  /// Why the limit is not a number of entries: "... holds -1".
  std::optional<std::string> bad_limit = {};
  std::optional<std::uint64_t> buckets;
  /// Entries of all network namespaces, which share the buckets; absent if not readable.
  std::optional<std::uint64_t> host_entries;
  std::optional<std::uint64_t> recommended_limit;       ///< By the memory of the host.
  std::optional<std::uint64_t> recommended_by_peak;     ///< 150 % of the peak.
  std::optional<std::uint64_t> recommended_by_profile;  ///< Only with a profile.
  MemoryFigures memory;
  std::vector<StateTimeout> timeouts;
  std::optional<FlowFigures> flows;
  std::optional<TalkerFigures> talkers;
  std::optional<WorkloadsSummary> workloads = {};
  std::optional<std::vector<SnatFigure>> snat;  ///< The fullest first.
  std::optional<LossFigures> loss_since_boot;
  std::optional<LossFigures> loss_recently;
  /// Seconds since the last line about a full table of this host in the kernel log.
  std::optional<std::uint64_t> log_says_full;
  std::optional<EnaReading> ena;  ///< Allowances of EC2, and packets above them.
  std::optional<std::vector<DriftFigure>> drift;
  std::vector<Omission> missing;
  kernel::Place place = {};  ///< The environment that these figures are from.
};

/// Returns entries divided by limit; std::nullopt if either is unknown or there is no limit.
[[nodiscard]] inline std::optional<double> UseOf(const Situation& situation) {
  if (!situation.entries || !situation.limit || *situation.limit == 0) return std::nullopt;
  return static_cast<double>(*situation.entries) / static_cast<double>(*situation.limit);
}

/// Returns the mean chain length of the hash table, which holds each of `entries` twice.
[[nodiscard]] inline std::optional<double> MeanChain(std::optional<std::uint64_t> entries,
                                                     std::optional<std::uint64_t> buckets) {
  if (!entries || !buckets || *buckets == 0) return std::nullopt;
  return 2.0 * static_cast<double>(*entries) / static_cast<double>(*buckets);
}

/// Counts the entries of this namespace only.
[[nodiscard]] inline std::optional<double> MeanChainOf(const Situation& situation) {
  return MeanChain(situation.entries, situation.buckets);
}

/// Counts the entries of all namespaces.
[[nodiscard]] inline std::optional<double> HostMeanChainOf(const Situation& situation) {
  return MeanChain(situation.host_entries, situation.buckets);
}

/// \brief  Builds a Situation from readings. Figures without a reading are absent.
/// `release` is the release of the kernel that was read; loss by cause needs it. Idle flows,
/// entries of other namespaces and recent losses are always absent, because no collector reads
/// them. `missing` stays empty.
[[nodiscard]] Situation SituationOf(const std::vector<Reading>& readings,
                                    std::optional<kernel::KernelRelease> release);

/// Sets no_table, table_unknown and no_ctnetlink.
void AddPresence(const kernel::Presence& presence, Situation& situation);

/// \brief  Returns the figures of one walk, with the timeout of each state.
/// Protocols without timeouts of their own get the generic timeout, as in the kernel.
[[nodiscard]] FlowFigures FiguresOf(const FlowCounts& counts,
                                    const std::vector<StateTimeout>& timeouts);

[[nodiscard]] TalkerFigures FiguresOf(const TalkersSummary& talkers);

/// `ports` is the number of source ports that NAT can use.
[[nodiscard]] std::vector<SnatFigure> FiguresOf(const SnatSummary& snat, std::uint64_t ports);

/// Returns only the settings that drift.
[[nodiscard]] std::vector<DriftFigure> FiguresOf(const kernel::PersistenceReport& report);

/// Returns the timeout of flows in that state, in seconds; std::nullopt if the kernel has none for
/// it.
[[nodiscard]] std::optional<std::uint64_t> TimeoutFor(const std::vector<StateTimeout>& timeouts,
                                                      std::string_view protocol,
                                                      std::string_view state);

}  // namespace conntrack
