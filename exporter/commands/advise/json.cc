#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "exporter/commands/advise/advise.h"
#include "exporter/commands/place_json.h"
#include "exporter/process/printable_text.h"

namespace conntrack::exporter::advise {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
void SetIfKnown(Json& object, const char* key, const std::optional<T>& value) {
  if (value) object[key] = *value;
}

/// Indexed by ModuleState.
constexpr std::array<std::string_view, 3> kModuleNames = {"not loaded", "loaded", "built in"};

Json ServiceJson(const TargetFlows& of) {
  return {{"service", ToString(of.target)}, {"flows", of.flows}, {"translated", of.translated}};
}

Json MachineJson(const Machine& machine) {
  Json json;
  if (!machine.release.empty()) json["kernel"] = machine.release;
  SetIfKnown(json, "memory_bytes", machine.mem_total);
  SetIfKnown(json, "cpus", machine.cpus);
  json["nf_conntrack"] = kModuleNames[static_cast<std::size_t>(machine.module)];
  SetIfKnown(json, "entries", machine.Sysctl("nf_conntrack_count"));
  json["place"] = PlaceJson(machine.place);
  json["kubernetes"] = machine.place.kubernetes.has_value();
  json["forwarding"] = machine.forwarding;
  if (machine.flows) {
    auto& flows = json["flows"];
    flows["total"] = machine.flows->flows;
    flows["source_translated"] = machine.flows->source_translated;
    flows["states"] = Json::array();
    for (const auto& state : machine.flows->states) {
      flows["states"].push_back(
          {{"protocol", state.protocol}, {"state", state.state}, {"flows", state.flows}});
    }
    flows["services"] = Json::array();
    for (const auto& service : machine.flows->services) {
      flows["services"].push_back(ServiceJson(service));
    }
  }
  json["missing"] = Json::array();
  for (const auto& [part, reason] : machine.missing) {
    json["missing"].push_back(
        {{"part", part}, {"reason", reason.message}, {"remedy", reason.remedy}});
  }
  return json;
}

Json SettingJson(const SettingAdvice& setting) {
  Json json;
  SetIfKnown(json, "now", setting.now);
  json["advised"] = setting.advised;
  json["reason"] = setting.reason;
  return json;
}

Json BasesJson(const LimitBases& bases) {
  Json json;
  SetIfKnown(json, "memory", bases.memory);
  json["peak"] = bases.peak;
  json["profile"] = bases.profile;
  SetIfKnown(json, "kube_proxy", bases.kube_proxy);
  return json;
}

Json MemoryJson(const MemoryCost& memory) {
  Json json = {{"entry_bytes", memory.entry_bytes},
               {"entry_bytes_source", memory.source},
               {"entries_bytes", memory.entries_bytes},
               {"hash_table_bytes", memory.table_bytes}};
  SetIfKnown(json, "share", memory.share);
  return json;
}

Json TimeoutsJson(const std::vector<TimeoutAdvice>& timeouts) {
  auto json = Json::array();
  for (const auto& timeout : timeouts) {
    Json entry = {{"sysctl", timeout.rule.sysctl}, {"exists", timeout.exists}};
    SetIfKnown(entry, "now", timeout.now);
    entry["advised"] = timeout.advised;
    entry["starting_point"] = timeout.rule.seconds;
    entry["risk_when_lower"] = timeout.rule.risk;
    json.push_back(std::move(entry));
  }
  return json;
}

}  // namespace

std::string RenderJson(const Machine& machine, const SizingAdvice& advice) {
  Json json;
  json["machine"] = MachineJson(machine);
  json["profile"] = {{"name", RangeOf(advice.profile.profile).name},
                     {"reason", advice.profile.reason}};
  json["peak"] = {
      {"entries", advice.peak}, {"given", advice.peak_given}, {"headroom", advice.headroom}};
  json["bases"] = BasesJson(advice.bases);
  json["limit"] = SettingJson(advice.limit);
  json["buckets"] = SettingJson(advice.buckets);
  json["buckets"]["by_sysctl"] = advice.buckets_by_sysctl;
  if (advice.memory) json["memory_when_full"] = MemoryJson(*advice.memory);
  json["timeouts"] = TimeoutsJson(advice.timeouts);
  json["extensions"] = Json::array();
  for (const auto& of : advice.extensions) {
    Json entry = {{"sysctl", of.sysctl}, {"exists", of.exists}, {"price", of.price}};
    SetIfKnown(entry, "now", of.now);
    json["extensions"].push_back(std::move(entry));
  }
  json["notrack"] = Json::array();
  for (const auto& target : advice.notrack) json["notrack"].push_back(ToString(target));
  json["proposals"] = Json::array();
  for (const auto& proposal : advice.proposals) json["proposals"].push_back(ServiceJson(proposal));
  json["left_out"] = Json::array();
  for (const auto& file : AdviceFiles()) {
    if (const auto why = WhyWithoutEffect(file, machine, advice)) {
      json["left_out"].push_back(
          {{"file", file.name}, {"reason", why->message}, {"instead", why->remedy}});
    }
  }
  json["warnings"] = advice.warnings;
  json["notes"] = advice.notes;
  return PrintableJson(std::move(json), 2) + "\n";
}

}  // namespace conntrack::exporter::advise
