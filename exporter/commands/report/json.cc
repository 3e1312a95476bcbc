#include "exporter/commands/report/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "diagnosis/flow_rows.h"

namespace conntrack::exporter::report {
namespace {

// Keys in the order in which they are written here.
using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

template <class T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

template <class Items, class ToJson>
Json ArrayOf(const Items& items, std::size_t most, ToJson&& to_json) {
  auto array = Json::array();
  for (std::size_t i = 0; i < std::min(most, items.size()); ++i) array.push_back(to_json(items[i]));
  return array;
}

template <class Items, class ToJson>
Json ArrayOf(const Items& items, ToJson&& to_json) {
  return ArrayOf(items, items.size(), std::forward<ToJson>(to_json));
}

Json TableJson(const Situation& situation) {
  return {{"entries", OrNull(situation.entries)},
          {"limit", OrNull(situation.limit)},
          {"use", OrNull(UseOf(situation))},
          {"buckets", OrNull(situation.buckets)},
          {"mean_chain", OrNull(MeanChainOf(situation))},
          {"host_entries", OrNull(situation.host_entries)},
          {"host_mean_chain", OrNull(HostMeanChainOf(situation))},
          {"recommended_limit", OrNull(situation.recommended_limit)}};
}

Json MemoryJson(const MemoryFigures& memory) {
  return {{"entries_bytes", OrNull(memory.entries)},
          {"hash_table_bytes", OrNull(memory.hash_table)},
          {"at_limit_bytes", OrNull(memory.at_limit)},
          {"machine_bytes", OrNull(memory.machine)},
          {"measured", memory.measured}};
}

Json IdleJson(const IdleFigure& idle) {
  return {{"flows", idle.flows},
          {"idle_seconds", idle.idle_seconds},
          {"timeout_seconds", idle.timeout_seconds}};
}

Json FlowsJson(const FlowFigures& flows) {
  return {
      {"total", flows.flows},
      {"ipv6", flows.ipv6},
      {"unreplied", flows.unreplied},
      {"assured", flows.assured},
      {"idle_established", flows.idle ? IdleJson(*flows.idle) : Json(nullptr)},
      {"protocols",
       ArrayOf(
           flows.protocols,
           [](const ProtocolFigure& f) {
             return Json{{"protocol", f.protocol}, {"flows", f.flows}, {"unreplied", f.unreplied}};
           })},
      {"states", ArrayOf(flows.states,
                         [](const StateFigure& f) {
                           return Json{{"protocol", f.protocol},
                                       {"state", f.state},
                                       {"flows", f.flows},
                                       {"timeout_seconds", OrNull(f.timeout)}};
                         })},
      {"timeouts", ArrayOf(TimeoutSharesOf(flows), [](const TimeoutShare& f) {
         return Json{{"seconds", OrNull(f.seconds)}, {"flows", f.flows}, {"states", f.states}};
       })}};
}

Json RankingJson(const Ranking& ranking, std::size_t top) {
  auto other = ranking.other;
  for (std::size_t i = top; i < ranking.top.size(); ++i) other += ranking.top[i].flows;
  return {{"top", ArrayOf(ranking.top, top,
                          [](const TalkerFigure& f) {
                            return Json{{"name", f.name}, {"flows", f.flows}};
                          })},
          {"other", other},
          {"max_error", ranking.max_error}};
}

Json TalkersJson(const TalkerFigures& talkers, std::size_t top) {
  return {{"sources", RankingJson(talkers.sources, top)},
          {"destinations", RankingJson(talkers.destinations, top)},
          {"services", RankingJson(talkers.services, top)}};
}

Json SnatJson(const std::vector<SnatFigure>& snat, std::size_t top) {
  return ArrayOf(snat, top, [](const SnatFigure& f) {
    return Json{{"address", f.address},
                {"protocol", f.protocol},
                {"remote", f.remote},
                {"used", f.used},
                {"available", f.available}};
  });
}

Json LossJson(const LossFigures& loss) {
  const auto& packets = loss.packets;
  auto unknown = Json::object();
  Json json = {{"seconds", OrNull(loss.seconds)}};
  const auto add = [&](const char* key, const Loss& cause) {
    json[key] = OrNull(cause.packets);
    if (!cause.packets) unknown[key] = cause.unknown;
  };
  add("table_full", packets.table_full);
  add("chain_too_long", packets.chain_too_long);
  add("unresolved_clash", packets.unresolved_clash);
  add("total", packets.total);
  json["invalid"] = OrNull(packets.invalid);
  json["evicted"] = OrNull(packets.evicted);
  json["unknown"] = std::move(unknown);
  return json;
}

Json DriftJson(const std::vector<DriftFigure>& drift) {
  return ArrayOf(drift, [](const DriftFigure& f) {
    return Json{{"setting", f.setting},
                {"running", OrNull(f.running)},
                {"persisted", OrNull(f.persisted)},
                {"reason", f.reason},
                {"file", f.file}};
  });
}

Json FindingJson(const Finding& finding) {
  return {{"id", finding.id},
          {"severity", ToString(finding.severity)},
          {"headline", finding.headline},
          {"evidence", finding.evidence},
          {"next", finding.next}};
}

Json MissingJson(const Omission& missing) {
  return {{"part", missing.part},
          {"kind", ToString(missing.reason.kind)},
          {"reason", missing.reason.message},
          {"remedy", missing.reason.remedy}};
}

template <class T, class ToJson>
Json IfKnown(const std::optional<T>& value, ToJson&& to_json) {
  return value ? to_json(*value) : Json(nullptr);
}

}  // namespace

std::string RenderJson(const Heading& heading, const Situation& situation,
                       const std::vector<Finding>& findings, std::size_t top, int indent) {
  const Json json = {
      {"schema", kSchema},
      {"time", heading.time},
      {"host", heading.host},
      {"kernel", heading.kernel},
      {"findings", ArrayOf(findings, FindingJson)},
      {"table", TableJson(situation)},
      {"memory", MemoryJson(situation.memory)},
      {"flows", IfKnown(situation.flows, FlowsJson)},
      {"talkers", IfKnown(situation.talkers, [top](const auto& t) { return TalkersJson(t, top); })},
      {"snat", IfKnown(situation.snat, [top](const auto& s) { return SnatJson(s, top); })},
      {"loss",
       {{"since_start", IfKnown(situation.loss_since_boot, LossJson)},
        {"recently", IfKnown(situation.loss_recently, LossJson)}}},
      {"drift", IfKnown(situation.drift, DriftJson)},
      {"missing", ArrayOf(situation.missing, MissingJson)},
  };
  // A host's name may be any bytes.
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace conntrack::exporter::report
