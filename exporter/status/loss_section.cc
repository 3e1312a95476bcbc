#include <set>
#include <string_view>

#include "diagnosis/format.h"
#include "exporter/status/parts.h"
#include "exporter/status/sections.h"

namespace conntrack::exporter::status {
namespace {

using Figures = std::optional<std::uint64_t>;

Html Cell(const Figures& packets) { return Figure(packets ? Grouped(*packets) : "unknown"); }

/// A row: since the start, lately, and lately by second.
template <class FigureOf>
Html Row(const Situation& situation, const std::string& name, const char* kind,
         FigureOf&& figure_of) {
  auto cells = Element("th", {{"scope", "row"}}, name);
  cells += Cell(figure_of(situation.loss_since_boot->packets));
  bool now = false;
  if (const auto& recently = situation.loss_recently) {
    const Figures packets = figure_of(recently->packets);
    const auto rate =
        packets ? std::optional(static_cast<double>(*packets) / *recently->seconds) : std::nullopt;
    cells += Cell(packets) + Figure(rate ? Fixed(*rate, 1) : "unknown");
    now = packets.value_or(0) > 0;
  }
  return Element("tr", {{"class", now ? std::string(kind) + " now" : std::string(kind)}}, cells);
}

/// Why a cause is unknown, once for each reason.
Html Reasons(const LossByCause& packets) {
  std::set<std::string_view> reasons;
  Html notes;
  for (const auto* loss :
       {&packets.table_full, &packets.chain_too_long, &packets.unresolved_clash, &packets.total}) {
    if (loss->packets || !reasons.insert(loss->unknown).second) continue;
    notes += Note("unknown: " + std::string(loss->unknown));
  }
  return notes;
}

}  // namespace

Html Losses(const StatusPage& page) {
  const auto& situation = page.situation;
  if (!situation.loss_since_boot) {
    return Section("Packets lost", Unknown(WhyMissing(page.collectors, "stat", "conntrack_stat")));
  }
  Html rows;
  const auto add = [&](const char* name, const char* kind, auto&& figure_of) {
    rows += Row(situation, name, kind, figure_of);
  };
  add("table full", "lost", [](const LossByCause& l) { return l.table_full.packets; });
  add("chain too long", "lost", [](const LossByCause& l) { return l.chain_too_long.packets; });
  add("unresolved clash", "lost", [](const LossByCause& l) { return l.unresolved_clash.packets; });
  add("in all", "lost sum", [](const LossByCause& l) { return l.total.packets; });
  add("not lost: invalid", "others", [](const LossByCause& l) { return l.invalid; });
  add("not lost: entry evicted", "others", [](const LossByCause& l) { return l.evicted; });
  const auto seconds =
      situation.loss_recently ? Fixed(*situation.loss_recently->seconds, 0) : std::string();
  const auto last = "last " + seconds + " s";
  const auto head = situation.loss_recently
                        ? HeadRow("Packets lost", {"since start", last.c_str(), "per s"})
                        : HeadRow("Packets lost", {"since start"});
  auto html = Table(head, rows) + Reasons(situation.loss_since_boot->packets);
  if (!situation.loss_recently) {
    html += Note("What is lost now is known some seconds after the start of the exporter.");
  }
  return Element("section", html);
}

}  // namespace conntrack::exporter::status
