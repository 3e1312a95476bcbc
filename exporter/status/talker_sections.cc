#include <algorithm>

#include "diagnosis/format.h"
#include "exporter/status/parts.h"
#include "exporter/status/sections.h"

namespace conntrack::exporter::status {
namespace {

constexpr std::size_t kTalkers = 10;
constexpr std::size_t kSnatPools = 10;
constexpr double kSnatWorthShowing = 0.01;

/// How to come by a section that is not there.
Html HowToTurnOn(const StatusPage& page, const char* title, const char* collector, const char* part,
                 const char* what) {
  const auto& all = page.collectors;
  const auto found = std::find_if(
      all.begin(), all.end(), [collector](const auto& health) { return health.name == collector; });
  if (found != all.end() && found->state != HealthState::kOff) {
    return Section(title, Unknown(WhyMissing(all, collector, part)));
  }
  const auto flag = Element("code", std::string("--collector.") + collector);
  return Section(title, Note(flag + " shows " + what + "."));
}

Html RankingTable(const char* title, const Ranking& ranking) {
  std::uint64_t all = ranking.other;
  for (const auto& talker : ranking.top) all += talker.flows;
  const auto rows = RankedRows(
      ranking.top, all, kTalkers, ranking.other, [](const auto& talker) { return talker.name; },
      [](const auto& /*talker*/) { return Html(); });
  auto html = Table(HeadRow(title, {"flows", "share"}), rows);
  if (ranking.max_error > 0) {
    html += Note("Each may have up to " + Count(ranking.max_error, "flow") + " more.");
  }
  return Element("div", html);
}

Html ClassTable(const std::vector<ClassFlows>& classes) {
  Html rows;
  for (const auto& [name, from, to] : classes) {
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

Html Talkers(const StatusPage& page) {
  if (!page.situation.talkers) {
    return HowToTurnOn(page, "Talkers", "talkers", "conntrack_talkers",
                       "the sources, destinations and services with the most flows");
  }
  const auto& talkers = *page.situation.talkers;
  auto tables = RankingTable("Sources", talkers.sources) +
                RankingTable("Destinations", talkers.destinations) +
                RankingTable("Services", talkers.services);
  if (!talkers.classes.empty()) tables += ClassTable(talkers.classes);
  return Element("section", Element("div", {{"class", "side-by-side"}}, tables));
}

Html SnatPorts(const StatusPage& page) {
  if (!page.situation.snat) {
    return HowToTurnOn(page, "SNAT ports", "nat", "conntrack_snat_ports_available",
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
