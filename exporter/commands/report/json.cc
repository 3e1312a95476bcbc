#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "diagnosis/flow_rows.h"
#include "exporter/commands/place_json.h"
#include "exporter/commands/report/formats.h"
#include "exporter/process/printable_text.h"

/// Unknown values are null.
template <class T>
struct nlohmann::adl_serializer<std::optional<T>> {
  template <class Json>
  static void to_json(Json& json, const std::optional<T>& value) {
    json = value ? Json(*value) : Json(nullptr);
  }
};

namespace conntrack {

// Keeps keys in the order written here.
using ReportJson = nlohmann::ordered_json;

// nlohmann_json finds these functions by the namespace of their argument.

static void to_json(ReportJson& json, const MemoryFigures& memory) {
  json = {{"entries_bytes", memory.entries},       {"host_entries_bytes", memory.host_entries},
          {"hash_table_bytes", memory.hash_table}, {"at_limit_bytes", memory.at_limit},
          {"machine_bytes", memory.machine},       {"measured", memory.measured}};
}

static void to_json(ReportJson& json, const IdleFigure& idle) {
  json = {{"flows", idle.flows},
          {"idle_seconds", idle.idle_seconds},
          {"timeout_seconds", idle.timeout_seconds}};
}

static void to_json(ReportJson& json, const ProtocolFigure& protocol) {
  json = {{"protocol", protocol.protocol},
          {"flows", protocol.flows},
          {"unreplied", protocol.unreplied}};
}

static void to_json(ReportJson& json, const StateFigure& state) {
  json = {{"protocol", state.protocol},
          {"state", state.state},
          {"flows", state.flows},
          {"timeout_seconds", state.timeout}};
}

static void to_json(ReportJson& json, const TimeoutShare& share) {
  json = {{"seconds", share.seconds}, {"flows", share.flows}, {"states", share.states}};
}

static void to_json(ReportJson& json, const FlowFigures& flows) {
  json = {{"total", flows.flows},
          {"ipv6", flows.ipv6},
          {"unreplied", flows.unreplied},
          {"assured", flows.assured},
          {"unseen", flows.unseen},
          {"idle_established", flows.idle},
          {"protocols", flows.protocols},
          {"states", flows.states},
          {"timeouts", TimeoutSharesOf(flows)}};
}

static void to_json(ReportJson& json, const TalkerFigure& talker) {
  json = {{"name", talker.name}, {"flows", talker.flows}};
}

static void to_json(ReportJson& json, const Ranking& ranking) {
  json = {{"top", ranking.top}, {"other", ranking.other}, {"max_error", ranking.max_error}};
}

static void to_json(ReportJson& json, const TalkerFigures& talkers) {
  json = {{"sources", talkers.sources},
          {"destinations", talkers.destinations},
          {"services", talkers.services},
          {"pairs", talkers.pairs},
          {"backends", talkers.backends}};
}

static void to_json(ReportJson& json, const WorkloadFlows& flows) {
  json = {{"kind", flows.workload.kind},
          {"name", flows.workload.name},
          {"pod_uid", flows.workload.pod_uid},
          {"container_id", flows.workload.container},
          {"opened", flows.opened},
          {"received", flows.received}};
}

static void to_json(ReportJson& json, const WorkloadsSummary& workloads) {
  json = {{"top", workloads.top}, {"other", workloads.other}};
}

static void to_json(ReportJson& json, const SnatFigure& snat) {
  json = {{"address", snat.address},
          {"protocol", snat.protocol},
          {"remote", snat.remote},
          {"used", snat.used},
          {"available", snat.available}};
}

static void to_json(ReportJson& json, const LossFigures& loss) {
  const auto& packets = loss.packets;
  auto unknown = ReportJson::object();
  json = {{"seconds", loss.seconds}};
  const auto add = [&](const char* key, const Loss& cause) {
    json[key] = cause.packets;
    if (!cause.packets) unknown[key] = cause.unknown;
  };
  add("table_full", packets.table_full);
  add("chain_too_long", packets.chain_too_long);
  add("unresolved_clash", packets.unresolved_clash);
  add("total", packets.total);
  json["invalid"] = packets.invalid;
  json["evicted"] = packets.evicted;
  json["unknown"] = std::move(unknown);
}

static void to_json(ReportJson& json, const EnaInterface& interface) {
  auto exceeded = ReportJson::object();
  for (std::size_t i = 0; i < kEnaAllowances.size(); ++i) {
    exceeded[std::string(kEnaAllowances[i])] = interface.exceeded[i];
  }
  json = {{"interface", interface.name},
          {"available", interface.available},
          {"exceeded", std::move(exceeded)}};
}

static void to_json(ReportJson& json, const EnaReading::Growth& growth) {
  json = {{"packets", growth.packets}, {"seconds", growth.seconds}};
}

static void to_json(ReportJson& json, const EnaReading& ena) {
  json = {{"interfaces", ena.interfaces}, {"refused_recently", ena.refused_recently}};
}

static void to_json(ReportJson& json, const DriftFigure& drift) {
  json = {{"setting", drift.setting}, {"running", drift.running}, {"persisted", drift.persisted},
          {"reason", drift.reason},   {"file", drift.file},       {"managed_by", drift.managed_by}};
}

static void to_json(ReportJson& json, const Finding& finding) {
  json = {{"id", finding.id},
          {"severity", ToString(finding.severity)},
          {"headline", finding.headline},
          {"evidence", finding.evidence},
          {"next", finding.next}};
}

static void to_json(ReportJson& json, const Omission& missing) {
  json = {{"part", missing.part},
          {"kind", ToString(missing.reason.kind)},
          {"reason", missing.reason.message},
          {"remedy", missing.reason.remedy}};
}

namespace exporter::report {
namespace {

constexpr int kSchema = 1;

ReportJson TableJson(const Situation& situation) {
  return {{"present", situation.table_unknown ? std::nullopt : std::optional(!situation.no_table)},
          {"ctnetlink_present", !situation.no_ctnetlink},
          {"entries", situation.entries},
          {"limit", situation.limit},
          {"use", UseOf(situation)},
          {"buckets", situation.buckets},
          {"mean_chain", MeanChainOf(situation)},
          {"host_entries", situation.host_entries},
          {"host_mean_chain", HostMeanChainOf(situation)},
          {"recommended_limit", situation.recommended_limit}};
}

void Shorten(Ranking& ranking, std::size_t top) {
  for (; ranking.top.size() > top; ranking.top.pop_back())
    ranking.other += ranking.top.back().flows;
}

}  // namespace

std::string RenderJson(const Heading& heading, const Situation& situation,
                       const std::vector<Finding>& findings, std::size_t top, int indent) {
  auto talkers = situation.talkers;
  if (talkers) {
    for (auto* ranking : {&talkers->sources, &talkers->destinations, &talkers->services}) {
      Shorten(*ranking, top);
    }
    if (talkers->pairs) Shorten(*talkers->pairs, top);
    if (talkers->backends) Shorten(*talkers->backends, top);
  }
  auto snat = situation.snat;
  if (snat) snat->resize(std::min(snat->size(), top));
  ReportJson json = {
      {"schema", kSchema},
      {"time", heading.time},
      {"host", heading.host},
      {"kernel", heading.kernel},
      {"place", PlaceJson(situation.place)},
      {"findings", findings},
      {"table", TableJson(situation)},
      {"memory", situation.memory},
      {"flows", situation.flows},
      {"talkers", talkers},
      {"workloads", situation.workloads},
      {"snat", snat},
      {"loss", {{"since_start", situation.loss_since_boot}, {"recently", situation.loss_recently}}},
      {"ena", situation.ena},
      {"drift", situation.drift},
      {"missing", situation.missing},
  };
  return PrintableJson(std::move(json), indent) + "\n";
}

}  // namespace exporter::report
}  // namespace conntrack
