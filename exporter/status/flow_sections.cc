#include <algorithm>

#include "diagnosis/format.h"
#include "exporter/commands/report/blocks.h"
#include "exporter/commands/report/timeout_shares.h"
#include "exporter/status/parts.h"
#include "exporter/status/sections.h"

namespace conntrack::exporter::status {
namespace {

constexpr std::size_t kStates = 12;
constexpr std::size_t kProtocols = 8;
constexpr std::size_t kTimeouts = 6;
constexpr std::size_t kStatesNamed = 3;

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
std::string NameOf(const report::TimeoutShare& share) {
  const auto named = std::min(kStatesNamed, share.states.size());
  const auto more = share.states.size() - named;
  const std::vector<std::string> first(share.states.begin(),
                                       share.states.begin() + static_cast<std::ptrdiff_t>(named));
  return (share.seconds ? Span(*share.seconds) : "none") + ": " + report::Joined(first, ", ") +
         (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

}  // namespace

Html States(const StatusPage& page) {
  if (!page.situation.flows) {
    return Section("States", Unknown(WhyMissing(page.collectors, "flows", "conntrack_flows")));
  }
  const auto& flows = *page.situation.flows;
  const auto rows = RankedRows(
      flows.states, flows.flows, kStates, 0,
      [](const StateFigure& state) { return state.protocol + " " + state.state; },
      [](const StateFigure& state) { return Figure(state.timeout ? Span(*state.timeout) : ""); });
  return Element("section", Table(HeadRow("States", {"flows", "share", "timeout"}), rows) +
                                Note(SummaryOf(flows)));
}

Html Protocols(const StatusPage& page) {
  if (!page.situation.flows) return {};
  const auto& flows = *page.situation.flows;
  const auto rows = RankedRows(
      flows.protocols, flows.flows, kProtocols, 0,
      [](const ProtocolFigure& protocol) { return protocol.protocol; },
      [](const ProtocolFigure& protocol) {
        return Figure(PercentOf(protocol.unreplied, protocol.flows));
      });
  return Element("section", Table(HeadRow("Protocols", {"flows", "share", "unreplied"}), rows));
}

Html Timeouts(const StatusPage& page) {
  if (!page.situation.flows) return {};
  const auto& flows = *page.situation.flows;
  const auto shares = report::TimeoutSharesOf(flows);
  const auto rows = RankedRows(shares, flows.flows, kTimeouts, 0, NameOf,
                               [](const report::TimeoutShare& /*share*/) { return Html(); });
  return Element("section", Table(HeadRow("Timeouts that hold most", {"flows", "share"}), rows));
}

}  // namespace conntrack::exporter::status
