#include <algorithm>

#include "diagnosis/flow_rows.h"
#include "diagnosis/format.h"
#include "exporter/status/elements.h"
#include "exporter/status/sections.h"

namespace conntrack::exporter::status {
namespace {

constexpr std::size_t kStates = 12;
constexpr std::size_t kProtocols = 8;
constexpr std::size_t kTimeouts = 6;
constexpr std::size_t kStatesNamed = 3;
constexpr std::size_t kTalkers = 10;
constexpr std::size_t kWorkloads = 10;
constexpr std::size_t kSnatPools = 10;
constexpr double kSnatWorthShowing = 0.01;

std::string WalkOf(const FlowFigures& flows) {
  if (!flows.age_seconds || !flows.walk_seconds) return "";
  return " Counted " + Fixed(*flows.age_seconds, 1) + " s ago, in " +
         Fixed(1000 * *flows.walk_seconds, 0) + " ms.";
}

std::string SummaryOf(const FlowFigures& flows) {
  const auto part = [&flows](std::uint64_t some) { return PercentOf(some, flows.flows); };
  return Count(flows.flows, "flow") + ": " + part(flows.assured) +
         " assured, which are never evicted to make room; " + part(flows.unreplied) +
         " unreplied; " + part(flows.ipv6) + " IPv6." + WalkOf(flows);
}

/// "30 s: udp REPLIED, udp UNREPLIED, gre REPLIED and 5 more"
std::vector<FlowRow> TimeoutRows(const FlowFigures& flows) {
  std::vector<FlowRow> rows;
  for (auto& [seconds, count, states] : TimeoutSharesOf(flows)) {
    const auto more = states.size() - std::min(kStatesNamed, states.size());
    states.resize(states.size() - more);
    rows.push_back({(seconds ? Span(*seconds) : "none") + ": " + Join(states, ", ") +
                        (more > 0 ? " and " + std::to_string(more) + " more" : ""),
                    count});
  }
  return rows;
}

/// Replaces a section: names the collector to enable, or why it fails.
Html MissingSection(const StatusPage& page, const char* title, const char* collector,
                    const char* what) {
  const auto& all = page.collectors;
  const auto found = std::find_if(
      all.begin(), all.end(), [collector](const auto& health) { return health.name == collector; });
  if (found != all.end() && found->state != HealthState::kOff) {
    return Section(title, Unknown(WhyMissing(all, collector)));
  }
  const auto flag = Element("code", std::string("--collector.") + collector);
  return Section(title, Note(flag + " shows " + what + "."));
}

Html RankingTable(const char* title, const Ranking& ranking) {
  auto html = FlowTable(title, {"flows", "share"},
                        TopRows(TalkerRows(ranking), kTalkers, ranking.other), FlowsOf(ranking));
  if (ranking.max_error > 0) {
    html += Note("Each may have up to " + Count(ranking.max_error, "flow") + " more.");
  }
  return Element("div", html);
}

Html ClassTable(const TalkerFigures& talkers) {
  Html rows;
  for (const auto& [name, from, to] : talkers.classes) {
    rows += Element("tr", Element("th", {{"scope", "row"}}, name) + Figure(Grouped(from)) +
                              Figure(Grouped(to)));
  }
  return Element("div", Table(HeadRow("Classes", {"as source", "as destination"}), rows));
}

std::string PoolName(const SnatFigure& pool) {
  return pool.protocol + " " + pool.address + " → " + pool.remote;
}

Html SnatRow(const SnatFigure& pool) {
  const auto share = ShareOf(pool.used, pool.available);
  const auto tone = share >= threshold::kSnatUse ? ToneOf(share) : std::string();
  return Element("tr", NameOnBar(PoolName(pool), share, tone) + Figure(Grouped(pool.used)) +
                           Figure(Grouped(pool.available)) + Figure(Percent(share)));
}

}  // namespace

Html States(const StatusPage& page) {
  if (!page.situation.flows) {
    return Section("States", Unknown(WhyMissing(page.collectors, "flows")));
  }
  const auto& flows = *page.situation.flows;
  return Element("section", FlowTable("States", {"flows", "share", "timeout"},
                                      TopRows(StateRows(flows), kStates), flows.flows) +
                                Note(SummaryOf(flows)));
}

Html Protocols(const StatusPage& page) {
  if (!page.situation.flows) return {};
  const auto& flows = *page.situation.flows;
  return Element("section", FlowTable("Protocols", {"flows", "share", "unreplied"},
                                      TopRows(ProtocolRows(flows), kProtocols), flows.flows));
}

Html Timeouts(const StatusPage& page) {
  if (!page.situation.flows) return {};
  const auto& flows = *page.situation.flows;
  return Element("section", FlowTable("Flows by timeout", {"flows", "share"},
                                      TopRows(TimeoutRows(flows), kTimeouts), flows.flows));
}

Html Talkers(const StatusPage& page) {
  if (!page.situation.talkers) {
    return MissingSection(page, "Talkers", "talkers",
                          "the sources, destinations and services with the most flows");
  }
  const auto& talkers = *page.situation.talkers;
  auto tables = RankingTable("Sources", talkers.sources) +
                RankingTable("Destinations", talkers.destinations) +
                RankingTable("Services", talkers.services);
  if (!talkers.classes.empty()) tables += ClassTable(talkers);
  if (talkers.pairs) tables += RankingTable("Pairs", *talkers.pairs);
  if (talkers.backends) tables += RankingTable("Backends", *talkers.backends);
  return Element("section", Element("div", {{"class", "side-by-side"}}, tables));
}

Html Workloads(const StatusPage& page) {
  if (!page.situation.workloads) {
    return MissingSection(page, "Workloads", "workloads",
                          "the pods, containers, systemd units and network namespaces that own the "
                          "flows");
  }
  const auto& workloads = *page.situation.workloads;
  Html rows;
  for (const auto& [workload, opened, received] : ShownWorkloads(workloads, kWorkloads)) {
    rows += Element("tr", Element("th", {{"scope", "row"}}, NameOf(workload)) +
                              Figure(Grouped(opened)) + Figure(Grouped(received)));
  }
  return Element("section", Table(HeadRow("Workloads", {"opened", "received"}), rows));
}

Html SnatPorts(const StatusPage& page) {
  if (!page.situation.snat) {
    return MissingSection(page, "SNAT ports", "nat",
                          "the ports that source NAT has in use, by destination");
  }
  const auto& pools = *page.situation.snat;
  if (pools.empty()) return Section("SNAT ports", Note("No flow goes through source NAT."));
  Html rows;
  for (std::size_t i = 0; i < std::min(kSnatPools, pools.size()); ++i) {
    if (ShareOf(pools[i].used, pools[i].available) >= kSnatWorthShowing) rows += SnatRow(pools[i]);
  }
  if (!rows.empty()) {
    return Element("section", Table(HeadRow("SNAT ports", {"in use", "of", "share"}), rows));
  }
  const auto& fullest = pools.front();
  return Section("SNAT ports",
                 Note("The most towards one destination: " + Grouped(fullest.used) + " of " +
                      Grouped(fullest.available) + " ports, by " + PoolName(fullest) + "."));
}

}  // namespace conntrack::exporter::status
