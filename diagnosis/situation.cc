#include "diagnosis/situation.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "collectors/flows/flows_collector.h"
#include "collectors/flows/nat_collector.h"
#include "collectors/log/kernel_log_collector.h"
#include "collectors/memory_collector.h"
#include "collectors/sizing_collector.h"
#include "collectors/stat_collector.h"
#include "collectors/table_collector.h"
#include "kernel/flow.h"

namespace conntrack {
namespace {

std::uint64_t Unsigned(std::int64_t value) {
  return value > 0 ? static_cast<std::uint64_t>(value) : 0;
}

std::optional<std::uint64_t> Unsigned(std::optional<std::int64_t> value) {
  return value ? std::optional(Unsigned(*value)) : std::nullopt;
}

/// Returns the matching figure; appends `blank` if there is none.
template <class F, class Same>
F& FigureOf(std::vector<F>& figures, F blank, Same&& same) {
  const auto found = std::ranges::find_if(figures, std::forward<Same>(same));
  return found == figures.end() ? figures.emplace_back(std::move(blank)) : *found;
}

void AddProtocol(const FlowCounts::ProtocolCounts& counts, std::uint8_t protocol,
                 FlowFigures& figures) {
  const auto name = kernel::ProtocolName(protocol);
  auto& of_protocol = FigureOf(figures.protocols, ProtocolFigure{name, 0, 0},
                               [&](const ProtocolFigure& f) { return f.protocol == name; });
  of_protocol.flows += counts.flows;
  for (const auto& status : kernel::StatusNames()) {
    if (status.name == "unreplied") of_protocol.unreplied += counts.with(status);
    if (status.name == "assured") figures.assured += counts.with(status);
  }
  const auto states = kernel::StateNames(protocol);
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (counts.states[i] == 0) continue;
    FigureOf(figures.states, StateFigure{name, std::string(states[i]), 0, {}},
             [&](const StateFigure& f) { return f.protocol == name && f.state == states[i]; })
        .flows += counts.states[i];
  }
}

/// Returns "tcp/443", or "icmp" for a protocol without ports.
std::string ServiceName(const Service& service) {
  return service.port == "none" ? service.protocol : service.protocol + "/" + service.port;
}

template <class Name, class NameOf>
Ranking RankingOf(const TopList<Name>& list, NameOf&& name_of) {
  Ranking ranking{{}, list.other, list.max_error};
  for (const auto& [name, flows] : list.top) ranking.top.push_back({name_of(name), flows});
  return ranking;
}

}  // namespace

Situation SituationOf(const std::vector<Reading>& readings,
                      std::optional<kernel::KernelRelease> release) {
  Situation situation;
  if (const auto* table = ReadingOf<TableReading>(readings)) {
    situation.entries = Unsigned(table->entries);
    situation.peak = Unsigned(table->peak);
    situation.limit = Unsigned(table->limit);
    situation.buckets = Unsigned(table->buckets);
    for (const auto& [part, reason] : table->omissions) {
      const bool bad = part == kEntriesLimitPart && reason.kind == ErrorKind::kMalformed;
      if (bad) situation.bad_limit = reason.message;
    }
  }
  if (const auto* sizing = ReadingOf<SizingReading>(readings)) {
    situation.recommended_limit = sizing->by_memory;
    situation.recommended_by_peak = sizing->by_peak;
    situation.recommended_by_profile = sizing->by_profile;
  }
  if (const auto* memory = ReadingOf<MemoryReading>(readings)) {
    auto& figures = situation.memory;
    if (memory->entries) {
      figures.entries = memory->entries->netns_bytes;
      figures.host_entries = memory->entries->host_bytes;
    }
    figures.measured = memory->entries && memory->entries->measured();
    figures.hash_table = memory->hash_table;
    figures.at_limit = memory->at_limit;
    figures.machine = memory->machine;
  }
  // Must come before the flows, which need the timeouts.
  if (const auto* read = ReadingOf<TimeoutsReading>(readings)) situation.timeouts = read->timeouts;
  if (const auto* flows = ReadingOf<FlowsReading>(readings)) {
    const auto& snapshot = *flows->snapshot;
    situation.flows = FiguresOf(snapshot.counts, situation.timeouts);
    situation.flows->unseen = snapshot.unseen;
    situation.flows->age_seconds = flows->age_seconds;
    situation.flows->walk_seconds = std::chrono::duration<double>(snapshot.duration).count();
  }
  if (const auto* talkers = ReadingOf<TalkersSummary>(readings)) {
    situation.talkers = FiguresOf(*talkers);
  }
  if (const auto* workloads = ReadingOf<WorkloadsSummary>(readings))
    situation.workloads = *workloads;
  if (const auto* nat = ReadingOf<NatReading>(readings); nat != nullptr && nat->ports) {
    situation.snat = FiguresOf(*nat->snat, *nat->ports);
  }
  if (const auto* report = ReadingOf<kernel::PersistenceReport>(readings)) {
    situation.drift = FiguresOf(*report);
  }
  if (const auto* log = ReadingOf<KernelLogReading>(readings)) {
    situation.log_says_full = log->table_full_age_seconds;
  }
  if (const auto* ena = ReadingOf<EnaReading>(readings)) situation.ena = *ena;
  if (const auto* read = ReadingOf<StatReading>(readings)) {
    situation.loss_since_boot = LossFigures{SplitLoss(TotalsOf(read->stat), release), {}};
  }
  return situation;
}

void AddPresence(const kernel::Presence& presence, Situation& situation) {
  auto table = presence.Table();
  const auto loaded = kernel::IsLoaded(table);
  situation.table_unknown = !loaded;
  if (loaded == false) situation.no_table = std::move(table.error());
  if (auto there = presence.Ctnetlink(); !there) situation.no_ctnetlink = std::move(there.error());
}

FlowFigures FiguresOf(const FlowCounts& counts, const std::vector<StateTimeout>& timeouts) {
  FlowFigures figures;
  figures.flows = counts.flows();
  for (std::size_t family = 0; family < kernel::kFamilyNames.size(); ++family) {
    for (unsigned protocol = 0; protocol < 256; ++protocol) {
      const auto number = static_cast<std::uint8_t>(protocol);
      const auto& of_protocol = counts.Of(family, number);
      if (of_protocol.flows == 0) continue;
      if (kernel::kFamilyNames[family] == "ipv6") figures.ipv6 += of_protocol.flows;
      AddProtocol(of_protocol, number, figures);
    }
  }
  for (const auto& protocol : figures.protocols) figures.unreplied += protocol.unreplied;
  for (auto& state : figures.states) {
    state.timeout = TimeoutFor(timeouts, state.protocol, state.state);
  }
  std::ranges::stable_sort(figures.protocols, std::greater{}, &ProtocolFigure::flows);
  std::ranges::stable_sort(figures.states, std::greater{}, &StateFigure::flows);
  return figures;
}

TalkerFigures FiguresOf(const TalkersSummary& talkers) {
  TalkerFigures figures = {talkers.sources, talkers.destinations,
                           RankingOf(talkers.services, ServiceName), talkers.classes};
  if (talkers.pairs) {
    figures.pairs = RankingOf(*talkers.pairs, [](const Route& route) {
      return route.from + " -> " + route.to + " " + ServiceName(route.service);
    });
  }
  if (talkers.backends) {
    figures.backends = RankingOf(*talkers.backends, [](const Route& route) {
      return route.from + " " + ServiceName(route.service) + " -> " + route.to;
    });
  }
  return figures;
}

std::vector<SnatFigure> FiguresOf(const SnatSummary& snat, std::uint64_t ports) {
  std::vector<SnatFigure> figures;
  for (const auto& [tuple, used] : snat.tuples.top) {
    const bool v6 = tuple.remote_address.find(':') != std::string::npos;
    const auto host = v6 ? "[" + tuple.remote_address + "]" : tuple.remote_address;
    figures.push_back({tuple.address, tuple.protocol, host + ":" + tuple.remote_port, used, ports});
  }
  return figures;
}

std::vector<DriftFigure> FiguresOf(const kernel::PersistenceReport& report) {
  std::vector<DriftFigure> figures;
  for (const auto& setting : report.settings) {
    if (!setting.drift) continue;
    figures.push_back({setting.name, setting.running, std::string(ToString(*setting.drift)),
                       setting.at_boot, setting.source ? setting.source->ToString() : "",
                       setting.managed_by, setting.left});
  }
  return figures;
}

std::optional<std::uint64_t> TimeoutFor(const std::vector<StateTimeout>& timeouts,
                                        std::string_view protocol, std::string_view state) {
  bool has_own = false;
  std::optional<std::uint64_t> generic;
  std::optional<std::uint64_t> replied;  // For protocols without a longer timeout for ASSURED.
  for (const auto& timeout : timeouts) {
    if (timeout.protocol == "generic") generic = Unsigned(timeout.seconds);
    if (timeout.protocol != protocol) continue;
    has_own = true;
    if (timeout.state == state) return Unsigned(timeout.seconds);
    if (timeout.state == "REPLIED") replied = Unsigned(timeout.seconds);
  }
  if (state == "ASSURED" && replied) return replied;
  return has_own ? std::nullopt : generic;
}

}  // namespace conntrack
