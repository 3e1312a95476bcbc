// What is known of connection tracking at one moment: plain figures for diagnosis and display.
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
  std::optional<std::uint64_t> entries;     ///< Bytes that this namespace's entries take now.
  std::optional<std::uint64_t> hash_table;  ///< Bytes of the buckets.
  std::optional<std::uint64_t> at_limit;    ///< Bytes of both once the table is full; an estimate.
  std::optional<std::uint64_t> machine;     ///< Bytes of the machine.
  bool measured = false;  ///< By slabinfo; otherwise an estimate by kernel release.
  std::optional<std::uint64_t> host_entries = {};  ///< Bytes of all namespaces'; if measured.
};

struct StateFigure {
  std::string protocol;
  std::string state;
  std::uint64_t flows = 0;
  std::optional<std::uint64_t> timeout;  ///< Seconds; absent where the kernel has none for it.
};

struct ProtocolFigure {
  std::string protocol;
  std::uint64_t flows = 0;
  std::uint64_t unreplied = 0;
};

/// Established TCP flows through which nothing has gone for a while.
struct IdleFigure {
  std::uint64_t flows = 0;
  std::uint64_t idle_seconds = 0;     ///< For at least so long.
  std::uint64_t timeout_seconds = 0;  ///< Of established flows.
};

/// The flows of one walk, both families together. States and protocols: only those with flows, the
/// most frequent first.
struct FlowFigures {
  std::uint64_t flows = 0;
  std::uint64_t ipv6 = 0;
  std::uint64_t unreplied = 0;
  std::uint64_t assured = 0;  ///< Flows that the kernel never evicts to make room.
  std::vector<ProtocolFigure> protocols;
  std::vector<StateFigure> states;
  std::optional<IdleFigure> idle;
  std::optional<std::uint64_t> unseen;  ///< Entries that the kernel counted and the walk missed.
  std::optional<double> age_seconds;    ///< Since the walk was complete.
  std::optional<double> walk_seconds;   ///< That the walk took.
};

/// The most frequent, the most frequent first, and all others together.
using Ranking = TopList<std::string>;

/// Somebody's flows: those of an address, a network, or a service ("udp/53").
using TalkerFigure = Ranking::Entry;

struct TalkerFigures {
  Ranking sources;
  Ranking destinations;
  Ranking services;
  std::vector<ClassFlows> classes = {};  ///< "other" last; empty where none are named.
  std::optional<Ranking> pairs = {};     ///< "10.0.0.1 -> 192.0.2.1 tcp/443", where counted.
  std::optional<Ranking> backends = {};  ///< "192.0.2.1 tcp/443 -> 10.0.0.9", with pairs.
};

/// Source ports taken on one address after translation towards one remote end.
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
  std::optional<std::int64_t> running;    ///< Absent where it is not to be shown.
  std::string reason;                     ///< ToString(kernel::DriftReason)
  std::optional<std::int64_t> persisted;  ///< What the boot files set, in time or not.
  std::string file;                       ///< The line that sets it, "path:line"; or empty.
  std::string managed_by = {};            ///< What sets it: "systemd-sysctl", "kube-proxy".
  std::optional<std::int64_t> left = {};  ///< What a boot leaves where a line has no effect.
};

struct LossFigures {
  LossByCause packets;
  std::optional<double> seconds;  ///< Absent: since the network namespace was made.
};

/// Everything is optional: what could not be read is absent here and named in `missing`.
struct Situation {
  std::optional<Error> no_table;      ///< Set if nf_conntrack is not loaded.
  bool table_unknown = false;         ///< Whether it is loaded cannot be seen.
  std::optional<Error> no_ctnetlink;  ///< Set if the table cannot be read over netlink.
  std::optional<std::uint64_t> entries;
  std::optional<std::uint64_t> peak;   ///< The most entries of the last minute.
  std::optional<std::uint64_t> limit;  ///< 0: no limit, before Linux 6.19.
  /// Why the limit is no number of entries: "... holds -1".
  std::optional<std::string> bad_limit = {};
  std::optional<std::uint64_t> buckets;
  /// Entries of all network namespaces, which share the buckets; only where that can be read.
  std::optional<std::uint64_t> host_entries;
  std::optional<std::uint64_t> recommended_limit;       ///< What the memory of the machine allows.
  std::optional<std::uint64_t> recommended_by_peak;     ///< What has been needed, and half more.
  std::optional<std::uint64_t> recommended_by_profile;  ///< Where a profile is given.
  MemoryFigures memory;
  std::vector<StateTimeout> timeouts;
  std::optional<FlowFigures> flows;
  std::optional<TalkerFigures> talkers;
  std::optional<WorkloadsSummary> workloads = {};
  std::optional<std::vector<SnatFigure>> snat;  ///< The fullest first.
  std::optional<LossFigures> loss_since_boot;
  std::optional<LossFigures> loss_recently;
  /// Seconds since the kernel's log last said that a table of this host is full.
  std::optional<std::uint64_t> log_says_full;
  std::optional<EnaReading> ena;  ///< What EC2 allows, and refuses.
  std::optional<std::vector<DriftFigure>> drift;
  std::vector<Omission> missing;
  kernel::Place place = {};  ///< Whose figures these are.
};

/// Entries by limit; absent where either is unknown or there is no limit.
[[nodiscard]] inline std::optional<double> UseOf(const Situation& situation) {
  if (!situation.entries || !situation.limit || *situation.limit == 0) return std::nullopt;
  return static_cast<double>(*situation.entries) / static_cast<double>(*situation.limit);
}

/// Mean length of a chain of the hash table, which holds each of `entries` twice.
[[nodiscard]] inline std::optional<double> MeanChain(std::optional<std::uint64_t> entries,
                                                     std::optional<std::uint64_t> buckets) {
  if (!entries || !buckets || *buckets == 0) return std::nullopt;
  return 2.0 * static_cast<double>(*entries) / static_cast<double>(*buckets);
}

/// With the entries of this namespace only.
[[nodiscard]] inline std::optional<double> MeanChainOf(const Situation& situation) {
  return MeanChain(situation.entries, situation.buckets);
}

/// With the entries of all namespaces.
[[nodiscard]] inline std::optional<double> HostMeanChainOf(const Situation& situation) {
  return MeanChain(situation.host_entries, situation.buckets);
}

/// \brief  What these readings tell; figures of which there is no reading are absent.
/// `release` is that of the kernel which was read; loss by cause needs it. Never there: idle flows,
/// entries of other namespaces, recent losses, which collectors do not read. `missing` stays empty.
[[nodiscard]] Situation SituationOf(const std::vector<Reading>& readings,
                                    std::optional<kernel::KernelRelease> release);

/// Sets no_table, table_unknown and no_ctnetlink.
void AddPresence(const kernel::Presence& presence, Situation& situation);

/// \brief  The figures of one walk, with the timeout of each state.
/// Protocols that have no timeout of their own get the generic one, as in the kernel.
[[nodiscard]] FlowFigures FiguresOf(const FlowCounts& counts,
                                    const std::vector<StateTimeout>& timeouts);

[[nodiscard]] TalkerFigures FiguresOf(const TalkersSummary& talkers);

/// `ports` is how many source ports NAT has to choose from.
[[nodiscard]] std::vector<SnatFigure> FiguresOf(const SnatSummary& snat, std::uint64_t ports);

/// Settings that drift, and only those.
[[nodiscard]] std::vector<DriftFigure> FiguresOf(const kernel::PersistenceReport& report);

/// The timeout of flows in that state, in seconds; nothing where the kernel has none for it.
[[nodiscard]] std::optional<std::uint64_t> TimeoutFor(const std::vector<StateTimeout>& timeouts,
                                                      std::string_view protocol,
                                                      std::string_view state);

}  // namespace conntrack
