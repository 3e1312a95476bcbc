// Situations to judge and to draw.
#pragma once

#include <string>
#include <vector>

#include "diagnosis/situation.h"

namespace conntrack::test {

/// The loss counters of a kernel since 5.15.
[[nodiscard]] inline LossByCause LossOf(std::uint64_t table_full, std::uint64_t chain,
                                        std::uint64_t clash) {
  LossByCause loss;
  loss.table_full.packets = table_full;
  loss.chain_too_long.packets = chain;
  loss.unresolved_clash.packets = clash;
  loss.total.packets = table_full + chain + clash;
  loss.invalid = 0;
  loss.evicted = 0;
  return loss;
}

/// \brief  A healthy, busy gateway: 100,000 flows of 262,144, web and DNS, many clients.
/// Tests change one thing in it.
[[nodiscard]] inline Situation BusyGateway() {
  Situation busy;
  busy.entries = 100'400;
  busy.limit = 262'144;
  busy.buckets = 262'144;
  busy.recommended_limit = 262'144;
  busy.memory = {25'600'000, 2'097'152, 69'206'016, 8ULL << 30, true, 25'702'400};
  busy.timeouts = {{"tcp", "ESTABLISHED", 432'000}, {"tcp", "TIME_WAIT", 120},
                   {"tcp", "CLOSE_WAIT", 60},       {"tcp", "SYN_SENT", 120},
                   {"udp", "UNREPLIED", 30},        {"udp", "REPLIED", 30},
                   {"udp", "ASSURED", 120}};
  FlowFigures flows;
  flows.flows = 100'000;
  flows.ipv6 = 20'000;
  flows.unreplied = 5'000;
  flows.assured = 80'000;
  flows.protocols = {{"tcp", 80'000, 2'000}, {"udp", 20'000, 3'000}};
  flows.states = {{"tcp", "ESTABLISHED", 60'000, 432'000}, {"tcp", "TIME_WAIT", 15'000, 120},
                  {"udp", "REPLIED", 12'000, 30},          {"udp", "ASSURED", 5'000, 120},
                  {"udp", "UNREPLIED", 3'000, 30},         {"tcp", "CLOSE_WAIT", 3'000, 60},
                  {"tcp", "SYN_SENT", 2'000, 120}};
  flows.idle = {15'000, 3600, 432'000};
  busy.flows = flows;
  busy.talkers =
      TalkerFigures{{{{"10.0.0.7", 9'000}, {"2001:db8::/64", 8'000}}, 83'000, 0},
                    {{{"192.0.2.1", 30'000}, {"192.0.2.2", 20'000}}, 50'000, 0},
                    {{{"tcp/443", 70'000}, {"udp/53", 15'000}, {"tcp/80", 10'000}}, 5'000, 0}};
  busy.talkers->pairs = {{{"10.0.0.7 -> 192.0.2.1 tcp/443", 8'500}}, 91'500, 12};
  busy.talkers->backends = {{{"192.0.2.1 tcp/443 -> 10.0.9.1", 29'000}}, 1'000, 0};
  busy.workloads = WorkloadsSummary{
      {{{"pod", "2f7d0c4e", "2f7d0c4e"}, 40'000, 12'000}, {{"host", "host"}, 300, 7}},
      {{"other", "other"}, 5, 6},
      {}};
  busy.snat = std::vector<SnatFigure>{{"198.51.100.1", "tcp", "192.0.2.1:443", 30'000, 64'512},
                                      {"198.51.100.1", "udp", "192.0.2.2:53", 12'000, 64'512}};
  busy.loss_since_boot = LossFigures{LossOf(0, 0, 12), {}};
  busy.loss_recently = LossFigures{LossOf(0, 0, 0), 2.0};
  busy.drift = std::vector<DriftFigure>{};
  return busy;
}

/// Moves flows into a state, out of established TCP.
inline void PutInState(Situation& situation, const std::string& protocol, const std::string& state,
                       std::uint64_t flows) {
  auto& states = situation.flows->states;
  for (auto& figure : states) {
    if (figure.protocol == protocol && figure.state == state) {
      states.front().flows += figure.flows;
      states.front().flows -= flows;
      figure.flows = flows;
      return;
    }
  }
  states.front().flows -= flows;
  states.push_back({protocol, state, flows, {}});
}

}  // namespace conntrack::test
