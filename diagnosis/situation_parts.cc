#include "diagnosis/situation_parts.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "collectors/family_lookup.h"
#include "kernel/flow.h"

namespace conntrack {
namespace {

using Figure = std::optional<std::uint64_t>;

/// The sample of a family that has this label value; the first one where no label is asked for.
void Take(const std::vector<Family>& families, std::string_view name, Figure& figure,
          std::string_view label = {}, std::string_view value = {}) {
  const auto* family = FamilyNamed(families, name);
  if (family == nullptr) return;
  for (const auto& sample : family->samples) {
    if (!label.empty() && LabelOf(sample, label) != value) continue;
    figure = Whole(sample.value);
    return;
  }
}

void TakeTimeouts(const std::vector<Family>& families, std::vector<TimeoutFigure>& timeouts) {
  const auto* family = FamilyNamed(families, "conntrack_timeout_seconds");
  if (family == nullptr) return;
  for (const auto& sample : family->samples) {
    timeouts.push_back({std::string(LabelOf(sample, "protocol")),
                        std::string(LabelOf(sample, "state")), Whole(sample.value)});
  }
}

/// Adds `flows` to the figure of the same name, which is made where there is none yet.
template <class F, class Same>
F& FigureOf(std::vector<F>& figures, F blank, Same&& same) {
  const auto found = std::find_if(figures.begin(), figures.end(), std::forward<Same>(same));
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

template <class Name, class ToText>
Ranking RankingOf(const TopList<Name>& list, ToText&& to_text) {
  Ranking ranking{{}, list.other, list.max_error};
  for (const auto& entry : list.top) ranking.top.push_back({to_text(entry.name), entry.flows});
  return ranking;
}

template <class F>
void MostFlowsFirst(std::vector<F>& figures) {
  std::stable_sort(figures.begin(), figures.end(),
                   [](const F& a, const F& b) { return a.flows > b.flows; });
}

}  // namespace

void AddFamilies(const std::vector<Family>& families, Situation& situation) {
  Take(families, "conntrack_entries", situation.entries);
  Take(families, "conntrack_entries_peak", situation.peak);
  Take(families, "conntrack_entries_limit", situation.limit);
  Take(families, "conntrack_hash_buckets", situation.buckets);
  Take(families, "conntrack_recommended_entries_limit", situation.recommended_limit, "basis",
       "memory");
  Take(families, "conntrack_recommended_entries_limit", situation.recommended_by_peak, "basis",
       "peak");
  Take(families, "conntrack_recommended_entries_limit", situation.recommended_by_profile, "basis",
       "profile");
  auto& memory = situation.memory;
  Take(families, "conntrack_memory_bytes", memory.entries, "kind", "entries");
  Take(families, "conntrack_memory_bytes", memory.hash_table, "kind", "hash_table");
  Take(families, "conntrack_memory_at_limit_bytes", memory.at_limit);
  Take(families, "conntrack_system_memory_bytes", memory.machine);
  Figure measured;
  Take(families, "conntrack_memory_source_info", measured, "source", "slabinfo");
  if (measured) memory.measured = true;
  TakeTimeouts(families, situation.timeouts);
}

FlowFigures FiguresOf(const FlowCounts& counts, const std::vector<TimeoutFigure>& timeouts) {
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
  SortByFlows(figures);
  return figures;
}

void SortByFlows(FlowFigures& figures) {
  MostFlowsFirst(figures.protocols);
  MostFlowsFirst(figures.states);
}

std::string ServiceName(const Service& service) {
  return service.port == "none" ? service.protocol : service.protocol + "/" + service.port;
}

TalkerFigures FiguresOf(const TalkersSummary& talkers) {
  std::vector<ClassFigure> classes;
  for (const auto& [name, from, to] : talkers.classes) classes.push_back({name, from, to});
  const auto address = [](const std::string& name) { return name; };
  return {RankingOf(talkers.sources, address), RankingOf(talkers.destinations, address),
          RankingOf(talkers.services, ServiceName), std::move(classes)};
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
                       setting.at_boot, setting.source ? setting.source->ToString() : ""});
  }
  return figures;
}

std::optional<std::uint64_t> TimeoutFor(const std::vector<TimeoutFigure>& timeouts,
                                        std::string_view protocol, std::string_view state) {
  bool has_own = false;
  std::optional<std::uint64_t> generic;
  std::optional<std::uint64_t> replied;  // of protocols that have no longer one for ASSURED flows
  for (const auto& timeout : timeouts) {
    if (timeout.protocol == "generic") generic = timeout.seconds;
    if (timeout.protocol != protocol) continue;
    has_own = true;
    if (timeout.state == state) return timeout.seconds;
    if (timeout.state == "REPLIED") replied = timeout.seconds;
  }
  if (state == "ASSURED" && replied) return replied;
  return has_own ? std::nullopt : generic;
}

}  // namespace conntrack
