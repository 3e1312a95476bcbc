#include "diagnosis/scraped_situation.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "collectors/family_lookup.h"
#include "collectors/stat_families.h"
#include "diagnosis/situation_parts.h"

namespace conntrack {
namespace {

std::string TextOf(const Sample& sample, std::string_view label) {
  return std::string(LabelOf(sample, label));
}

std::optional<double> ValueOf(const std::vector<Family>& families, std::string_view name) {
  const auto* family = FamilyNamed(families, name);
  if (family == nullptr || family->samples.empty()) return std::nullopt;
  return family->samples.front().value;
}

/// The figure of that protocol, made where there is none yet.
ProtocolFigure& ProtocolIn(FlowFigures& flows, std::string_view protocol) {
  for (auto& figure : flows.protocols) {
    if (figure.protocol == protocol) return figure;
  }
  return flows.protocols.emplace_back(ProtocolFigure{std::string(protocol), 0, 0});
}

/// The figure of that state, made where there is none yet.
StateFigure& StateIn(FlowFigures& flows, std::string_view protocol, std::string_view state) {
  for (auto& figure : flows.states) {
    if (figure.protocol == protocol && figure.state == state) return figure;
  }
  return flows.states.emplace_back(
      StateFigure{std::string(protocol), std::string(state), 0, std::nullopt});
}

void AddStates(const Family& by_state, FlowFigures& flows) {
  for (const auto& sample : by_state.samples) {
    const auto count = Whole(sample.value);
    if (count == 0) continue;
    const auto protocol = LabelOf(sample, "protocol");
    flows.flows += count;
    if (LabelOf(sample, "family") == "ipv6") flows.ipv6 += count;
    ProtocolIn(flows, protocol).flows += count;
    StateIn(flows, protocol, LabelOf(sample, "state")).flows += count;
  }
}

void AddStatus(const Family& by_status, FlowFigures& flows) {
  for (const auto& sample : by_status.samples) {
    const auto count = Whole(sample.value);
    const auto status = LabelOf(sample, "status");
    if (count == 0) continue;
    if (status == "assured") flows.assured += count;
    if (status != "unreplied") continue;
    flows.unreplied += count;
    ProtocolIn(flows, LabelOf(sample, "protocol")).unreplied += count;
  }
}

void AddFlows(const std::vector<Family>& families, Situation& situation) {
  const auto* by_state = FamilyNamed(families, "conntrack_flows");
  const auto* by_status = FamilyNamed(families, "conntrack_flows_with_status");
  if (by_state == nullptr || by_status == nullptr) return;
  FlowFigures flows;
  AddStates(*by_state, flows);
  AddStatus(*by_status, flows);
  SortByFlows(flows);
  for (auto& state : flows.states) {
    state.timeout = TimeoutFor(situation.timeouts, state.protocol, state.state);
  }
  flows.age_seconds = ValueOf(families, "conntrack_flows_sample_age_seconds");
  flows.walk_seconds = ValueOf(families, "conntrack_flows_sample_duration_seconds");
  situation.flows = std::move(flows);
}

/// `label` is the one that says "other" of the rest.
template <class NameOf>
Ranking RankingOf(const Family& family, std::string_view label, double max_error,
                  NameOf&& name_of) {
  Ranking ranking{{}, 0, Whole(max_error)};
  for (const auto& sample : family.samples) {
    if (LabelOf(sample, label) == kOther) {
      ranking.other += Whole(sample.value);
    } else {
      ranking.top.push_back({name_of(sample), Whole(sample.value)});
    }
  }
  return ranking;
}

std::vector<ClassFigure> ClassesOf(const Family& family) {
  std::vector<ClassFigure> classes;
  for (const auto& sample : family.samples) {
    const auto name = LabelOf(sample, "class");
    auto known = std::find_if(classes.begin(), classes.end(),
                              [name](const ClassFigure& figure) { return figure.name == name; });
    if (known == classes.end()) known = classes.insert(known, {std::string(name), 0, 0});
    auto& flows =
        LabelOf(sample, "direction") == "source" ? known->as_source : known->as_destination;
    flows += Whole(sample.value);
  }
  return classes;
}

void AddTalkers(const std::vector<Family>& families, Situation& situation) {
  const auto* sources = FamilyNamed(families, "conntrack_talkers_source_flows");
  const auto* destinations = FamilyNamed(families, "conntrack_talkers_destination_flows");
  const auto* services = FamilyNamed(families, "conntrack_talkers_service_flows");
  const auto* errors = FamilyNamed(families, "conntrack_talkers_error_flows");
  if (sources == nullptr || destinations == nullptr || services == nullptr) return;
  const auto error_of = [errors](std::string_view by) {
    if (errors == nullptr) return 0.0;
    const auto found =
        std::find_if(errors->samples.begin(), errors->samples.end(),
                     [by](const Sample& sample) { return LabelOf(sample, "by") == by; });
    return found == errors->samples.end() ? 0.0 : found->value;
  };
  TalkerFigures talkers;
  talkers.sources = RankingOf(*sources, "source", error_of("source"),
                              [](const Sample& sample) { return TextOf(sample, "source"); });
  talkers.destinations =
      RankingOf(*destinations, "destination", error_of("destination"),
                [](const Sample& sample) { return TextOf(sample, "destination"); });
  talkers.services =
      RankingOf(*services, "protocol", error_of("service"), [](const Sample& sample) {
        return ServiceName({TextOf(sample, "protocol"), TextOf(sample, "port")});
      });
  const auto* classes = FamilyNamed(families, "conntrack_talkers_class_flows");
  if (classes != nullptr) talkers.classes = ClassesOf(*classes);
  situation.talkers = std::move(talkers);
}

void AddSnat(const std::vector<Family>& families, Situation& situation) {
  const auto* in_use = FamilyNamed(families, "conntrack_snat_ports_in_use");
  const auto available = ValueOf(families, "conntrack_snat_ports_available");
  if (in_use == nullptr || !available) return;
  SnatSummary summary;
  for (const auto& sample : in_use->samples) {
    if (LabelOf(sample, "address") == kOther) continue;
    summary.tuples.top.push_back(
        {{TextOf(sample, "address"), TextOf(sample, "protocol"), TextOf(sample, "remote_address"),
          TextOf(sample, "remote_port"), TextOf(sample, "zone")},
         Whole(sample.value)});
  }
  situation.snat = FiguresOf(summary, Whole(*available));
}

void AddDrift(const std::vector<Family>& families, Situation& situation) {
  // This one is there whenever the boot files could be read; the other only where something drifts.
  if (FamilyNamed(families, "conntrack_setting_drift") == nullptr) return;
  situation.drift.emplace();
  const auto* info = FamilyNamed(families, "conntrack_setting_drift_info");
  if (info == nullptr) return;
  const auto* persisted = FamilyNamed(families, "conntrack_setting_persisted");
  for (const auto& sample : info->samples) {
    DriftFigure figure{
        TextOf(sample, "setting"), {}, TextOf(sample, "reason"), {}, TextOf(sample, "file")};
    for (const auto& value : persisted == nullptr ? std::vector<Sample>{} : persisted->samples) {
      if (LabelOf(value, "setting") != figure.setting) continue;
      figure.persisted = static_cast<std::int64_t>(value.value);
    }
    situation.drift->push_back(std::move(figure));
  }
}

}  // namespace

Situation SituationOf(const std::vector<Family>& families,
                      std::optional<kernel::KernelRelease> release) {
  Situation situation;
  AddFamilies(families, situation);
  AddFlows(families, situation);
  AddTalkers(families, situation);
  AddSnat(families, situation);
  AddDrift(families, situation);
  if (const auto stat = StatOf(families)) {
    situation.loss_since_boot = LossFigures{SplitLoss(TotalsOf(*stat), release), {}};
  }
  return situation;
}

}  // namespace conntrack
