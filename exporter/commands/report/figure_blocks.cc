#include "exporter/commands/report/figure_blocks.h"

#include <algorithm>
#include <utility>

#include "diagnosis/format.h"
#include "exporter/commands/report/timeout_shares.h"

namespace conntrack::exporter::report {
namespace {

constexpr double kSnatWorthShowing = 0.01;

/// Rows of the first `top` figures: name, flows, share, and what `more` adds; then of all others,
/// with those that are in `other` already.
template <class Figures, class NameOf, class More>
Block FlowBlock(const std::string& title, const Figures& figures, std::uint64_t other,
                std::uint64_t all, std::size_t top, NameOf&& name_of, More&& more) {
  Block block{title, {"flows", "share"}, {}};
  for (std::size_t i = 0; i < figures.size(); ++i) {
    if (i >= top) {
      other += figures[i].flows;
      continue;
    }
    std::vector<std::string> row = {name_of(figures[i]), Grouped(figures[i].flows),
                                    PercentOf(figures[i].flows, all)};
    more(figures[i], row);
    block.rows.push_back(std::move(row));
  }
  if (other > 0) block.rows.push_back({"all others", Grouped(other), PercentOf(other, all)});
  return block;
}

constexpr auto kNoMore = [](const auto&, std::vector<std::string>&) {};

std::vector<Block> FlowBlocks(const FlowFigures& flows, std::size_t top) {
  auto states = FlowBlock(
      "STATES", flows.states, 0, flows.flows, top,
      [](const StateFigure& f) { return f.protocol + " " + f.state; },
      [](const StateFigure& f, std::vector<std::string>& row) {
        row.push_back(f.timeout ? Span(*f.timeout) : "");
      });
  states.column_titles.emplace_back("timeout");
  auto protocols = FlowBlock(
      "PROTOCOLS", flows.protocols, 0, flows.flows, top,
      [](const ProtocolFigure& f) { return f.protocol; },
      [](const ProtocolFigure& f, std::vector<std::string>& row) {
        row.push_back(PercentOf(f.unreplied, f.flows));
      });
  protocols.column_titles.emplace_back("unreplied");
  auto timeouts = FlowBlock(
      "TIMEOUTS THAT HOLD MOST", TimeoutSharesOf(flows), 0, flows.flows, top,
      [](const TimeoutShare& f) {
        return (f.seconds ? Span(*f.seconds) : "none") + "  " + Joined(f.states, ", ");
      },
      kNoMore);
  return {std::move(states), std::move(protocols), std::move(timeouts)};
}

Block RankingBlock(const std::string& title, const Ranking& ranking, std::uint64_t all,
                   std::size_t top) {
  return FlowBlock(
      title, ranking.top, ranking.other, all, top, [](const TalkerFigure& f) { return f.name; },
      kNoMore);
}

/// Pools of which a part worth a line is taken.
Block SnatBlock(const std::vector<SnatFigure>& snat, std::size_t top) {
  Block block{"SNAT PORTS TAKEN", {"ports", "share"}, {}, true};
  for (const auto& figure : snat) {
    if (block.rows.size() == top) break;
    if (static_cast<double>(figure.used) <
        kSnatWorthShowing * static_cast<double>(figure.available)) {
      continue;
    }
    block.rows.push_back({figure.protocol + " of " + figure.address + " to " + figure.remote,
                          Grouped(figure.used), PercentOf(figure.used, figure.available)});
  }
  return block;
}

Block DriftBlock(const std::vector<DriftFigure>& drift, std::size_t top) {
  Block block{"NOT KEPT AT A BOOT", {"now", "boot files", "reason"}, {}, true};
  for (const auto& figure : drift) {
    if (block.rows.size() == top) {
      block.rows.push_back({std::to_string(drift.size() - top) + " more"});
      break;
    }
    block.rows.push_back({figure.setting, figure.running ? std::to_string(*figure.running) : "",
                          figure.persisted ? std::to_string(*figure.persisted) : "",
                          figure.reason});
  }
  return block;
}

Block LossBlock(const Situation& situation) {
  Block block{"PACKETS LOST", {}, {}};
  std::vector<const LossByCause*> columns;
  if (const auto& loss = situation.loss_since_boot) {
    block.column_titles.emplace_back("since start");
    columns.push_back(&loss->packets);
  }
  if (const auto& loss = situation.loss_recently) {
    block.column_titles.push_back("last " + Fixed(*loss->seconds, 1) + " s");
    columns.push_back(&loss->packets);
  }
  if (columns.empty()) return block;
  const auto add = [&](const std::string& name, auto&& figure_of) {
    std::vector<std::string> row = {name};
    for (const auto* loss : columns) {
      const std::optional<std::uint64_t> figure = figure_of(*loss);
      row.push_back(figure ? Grouped(*figure) : "unknown");
    }
    block.rows.push_back(std::move(row));
  };
  add("table full", [](const LossByCause& loss) { return loss.table_full.packets; });
  add("chain too long", [](const LossByCause& loss) { return loss.chain_too_long.packets; });
  add("unresolved clash", [](const LossByCause& loss) { return loss.unresolved_clash.packets; });
  add("in all", [](const LossByCause& loss) { return loss.total.packets; });
  add("not lost: invalid", [](const LossByCause& loss) { return loss.invalid; });
  add("not lost: evicted", [](const LossByCause& loss) { return loss.evicted; });
  return block;
}

}  // namespace

std::vector<Block> FigureBlocks(const Situation& situation, std::size_t top) {
  std::vector<Block> blocks;
  if (situation.flows) blocks = FlowBlocks(*situation.flows, top);
  blocks.push_back(LossBlock(situation));
  if (situation.flows && situation.talkers) {
    const auto all = situation.flows->flows;
    blocks.push_back(RankingBlock("SOURCES", situation.talkers->sources, all, top));
    blocks.push_back(RankingBlock("DESTINATIONS", situation.talkers->destinations, all, top));
    blocks.push_back(RankingBlock("SERVICES", situation.talkers->services, all, top));
  }
  if (situation.snat) blocks.push_back(SnatBlock(*situation.snat, top));
  if (situation.drift) blocks.push_back(DriftBlock(*situation.drift, top));
  return blocks;
}

}  // namespace conntrack::exporter::report
