#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "diagnosis/findings.h"
#include "diagnosis/format.h"
#include "diagnosis/situation.h"

namespace conntrack {
namespace {

std::uint64_t FlowsIn(const FlowFigures& flows, std::string_view protocol,
                      std::initializer_list<std::string_view> states) {
  std::uint64_t sum = 0;
  for (const auto& figure : flows.states) {
    if (figure.protocol != protocol) continue;
    if (std::ranges::find(states, figure.state) != states.end()) sum += figure.flows;
  }
  return sum;
}

double ShareOf(std::uint64_t part, const FlowFigures& flows) {
  return flows.flows == 0 ? 0 : static_cast<double>(part) / static_cast<double>(flows.flows);
}

/// Whether there are enough flows for shares to mean something and `part` is at least `share` of
/// them, or, as in the alerts, `part` exceeds `of_limit` of the limit.
bool Fills(std::uint64_t part, const Situation& situation, double share, double of_limit = 1) {
  if (part >= threshold::kFewFlows && ShareOf(part, *situation.flows) >= share) return true;
  const auto limit = static_cast<double>(situation.limit.value_or(0));
  return limit > 0 && static_cast<double>(part) > of_limit * limit;
}

ProtocolFigure OfProtocol(const FlowFigures& flows, std::string_view protocol) {
  const auto found = std::ranges::find(flows.protocols, protocol, &ProtocolFigure::protocol);
  return found == flows.protocols.end() ? ProtocolFigure{} : *found;
}

std::uint64_t Less(std::uint64_t whole, std::uint64_t part) {
  return whole > part ? whole - part : 0;
}

/// Returns the number of TCP flows that were picked up after the SYN and saw packets in one
/// direction only.
std::uint64_t Midway(const FlowFigures& flows) {
  return Less(OfProtocol(flows, "tcp").unreplied, FlowsIn(flows, "tcp", {"SYN_SENT"}));
}

/// Whether the table is full enough to report a composition that is normal on a host with one task.
bool UseMatters(const Situation& situation) {
  const auto use = UseOf(situation);
  if (use) return *use >= threshold::kUseThatMatters;
  return !situation.limit;  // No limit: cannot fill. Unknown limit: may fill.
}

Severity SeverityByUse(const Situation& situation) {
  return UseOf(situation).value_or(0) >= threshold::kUseThatWorries ? Severity::kWarning
                                                                    : Severity::kNotice;
}

/// Returns "12,000 of 20,000 flows (60.0 %) are in SYN_SENT".
std::string Part(std::uint64_t part, const FlowFigures& flows, const std::string& what) {
  return Grouped(part) + " of " + Count(flows.flows, "flow") + " (" + PercentOf(part, flows.flows) +
         ") " + what;
}

/// Returns evidence that `sent` flows in SYN_SENT are connections whose answers take another path:
/// the clients' ACKs are then INVALID. std::nullopt if they are not, or if it is unknown.
std::optional<std::string> InvalidForSynSent(const Situation& situation, std::uint64_t sent) {
  const auto& loss = situation.loss_recently;
  const auto timeout = TimeoutFor(situation.timeouts, "tcp", "SYN_SENT");
  if (!loss || !loss->seconds || !loss->packets.invalid || timeout.value_or(0) == 0) return {};
  const auto came = static_cast<double>(sent) / static_cast<double>(*timeout) * *loss->seconds;
  const auto invalid = *loss->packets.invalid;
  if (static_cast<double>(invalid) < threshold::kInvalidPerSynSent * came) return {};
  return Count(invalid, "INVALID packet") + " in the last " + Fixed(*loss->seconds, 1) +
         " s, in which some " + Fixed(came, 0) +
         " of these flows began: clients get answers by another path and send ACKs";
}

std::optional<TalkerFigure> Find(const Situation& situation, std::string_view service) {
  if (!situation.talkers) return std::nullopt;
  for (const auto& entry : situation.talkers->services.top) {
    if (entry.name == service) return entry;
  }
  return std::nullopt;
}

}  // namespace

void FindOneWayTcp(const Situation& situation, std::vector<Finding>& findings) {
  if (!situation.flows) return;
  const auto& flows = *situation.flows;
  const auto fills = [&](std::uint64_t part) {
    return Fills(part, situation, threshold::kOneWayShare, threshold::kOneWayOfLimit);
  };
  const auto sent = FlowsIn(flows, "tcp", {"SYN_SENT"});
  const auto received = FlowsIn(flows, "tcp", {"SYN_SENT2", "SYN_RECV"});
  const auto midway = Midway(flows);
  const auto tcp = static_cast<double>(OfProtocol(flows, "tcp").flows);
  const bool half_open = fills(sent + received) &&
                         static_cast<double>(sent + received) >= threshold::kHalfOpenOfTcp * tcp;
  const auto acknowledged =
      half_open && sent > received ? InvalidForSynSent(situation, sent) : std::nullopt;
  if (fills(midway) || acknowledged) {
    Finding finding{"asymmetric_routing",
                    Severity::kWarning,
                    "This host sees only one direction of many TCP connections.",
                    {},
                    "find the other direction with ip route get, here and at both ends; route both "
                    "through this host, or exempt the rest with NOTRACK"};
    if (acknowledged) {
      finding.evidence = {Part(sent, flows, "are in SYN_SENT (no answer seen)"), *acknowledged};
    }
    if (midway > 0) {
      finding.evidence.push_back(
          Part(midway, flows, "are TCP picked up after the handshake and not answered"));
    }
    findings.push_back(std::move(finding));
  }
  if (!half_open || acknowledged) return;
  Finding finding{"syn_flood",
                  Severity::kWarning,
                  "Incomplete TCP handshakes fill the table, as in a SYN flood.",
                  {Part(sent + received, flows, "are TCP handshakes"),
                   Grouped(sent) + " in SYN_SENT (no answer seen), " + Grouped(received) +
                       " in SYN_RECV (the answer was not acknowledged)"},
                  "conntrack -L -p tcp --state " +
                      std::string(sent >= received ? "SYN_SENT" : "SYN_RECV") +
                      " lists them; limit SYNs by source, or use synproxy"};
  if (situation.talkers && !situation.talkers->sources.top.empty()) {
    const auto& first = situation.talkers->sources.top.front();
    finding.evidence.push_back("the first of the sources, " + first.name + ", has " +
                               PercentOf(first.flows, flows.flows) + " of all flows" +
                               (ShareOf(first.flows, flows) < threshold::kSourceShare
                                    ? ": forged addresses, or many senders"
                                    : ""));
  }
  findings.push_back(std::move(finding));
}

void FindOneSource(const Situation& situation, std::vector<Finding>& findings) {
  if (!situation.flows || !situation.talkers || !UseMatters(situation)) return;
  const auto& sources = situation.talkers->sources;
  if (sources.top.empty()) return;
  const auto& first = sources.top.front();
  if (!Fills(first.flows, situation, threshold::kSourceShare, threshold::kSourceOfLimit)) return;
  const bool v6 = first.name.find(':') != std::string::npos;
  findings.push_back(
      {"one_source",
       SeverityByUse(situation),
       "One source has a large share of the entries.",
       {Part(first.flows, *situation.flows, "are from " + first.name),
        sources.top.size() > 1 ? "the next, " + sources.top[1].name + ", has " +
                                     PercentOf(sources.top[1].flows, situation.flows->flows)
                               : "there is no other"},
       "conntrack -L " + std::string(v6 ? "-f ipv6 " : "") + "-s " + first.name +
           " lists them; on a proxy, its own address is normal"});
}

void FindCloseWaitLeak(const Situation& situation, std::vector<Finding>& findings) {
  if (!situation.flows) return;
  const auto waiting = FlowsIn(*situation.flows, "tcp", {"CLOSE_WAIT"});
  // If only one direction is visible, the state of the other end is unknown.
  const auto answered = Less(waiting, Midway(*situation.flows));
  if (!Fills(answered, situation, threshold::kCloseWaitShare, threshold::kCloseWaitOfLimit)) return;
  Finding finding{"close_wait_leak",
                  SeverityByUse(situation),
                  "Many connections are in CLOSE_WAIT: a program does not close them.",
                  {Part(waiting, *situation.flows, "are in CLOSE_WAIT")},
                  "conntrack -L -p tcp --state CLOSE_WAIT lists them; the program that holds them "
                  "leaks sockets"};
  if (const auto timeout = TimeoutFor(situation.timeouts, "tcp", "CLOSE_WAIT")) {
    finding.evidence.push_back("each stays for " + Span(*timeout) +
                               " (nf_conntrack_tcp_timeout_close_wait; the kernel's is 60 s)");
  }
  findings.push_back(std::move(finding));
}

void FindIdleEstablished(const Situation& situation, std::vector<Finding>& findings) {
  if (!situation.flows || !situation.flows->idle || !UseMatters(situation)) return;
  const auto& idle = *situation.flows->idle;
  if (idle.timeout_seconds < threshold::kLongTimeout) return;
  if (!Fills(idle.flows, situation, threshold::kIdleShare)) return;
  findings.push_back({"idle_established",
                      SeverityByUse(situation),
                      "Idle established connections take up much of the table.",
                      {Part(idle.flows, *situation.flows,
                            "are ESTABLISHED and idle for " + Span(idle.idle_seconds) + " or more"),
                       "each stays for " + Span(idle.timeout_seconds) +
                           " after its last packet (nf_conntrack_tcp_timeout_established)"},
                      "set nf_conntrack_tcp_timeout_established to a few hours, more than the 2 h "
                      "of TCP keepalive"});
}

void FindProtocolFlood(const Situation& situation, std::vector<Finding>& findings) {
  if (!situation.flows) return;
  const auto& flows = *situation.flows;
  // Answered lookups are normal on a resolver, answered pings on a monitoring host.
  const bool answers_matter = UseMatters(situation);
  const auto lookups = Find(situation, "udp/53");
  for (const auto& [protocol, all, unreplied] : flows.protocols) {
    if (protocol == "tcp") continue;
    const bool of_dns =
        protocol == "udp" && lookups && Fills(lookups->flows, situation, threshold::kDnsShare);
    const bool answered_too = answers_matter && protocol.starts_with("icmp");
    const auto part = answered_too ? all : unreplied;
    const bool flood =
        Fills(part, situation, threshold::kUnrepliedShare, threshold::kUnrepliedOfLimit);
    if (!flood && !(of_dns && answers_matter)) continue;
    const auto what = protocol + (answered_too ? "" : " without an answer");
    Finding finding{"protocol_flood",
                    SeverityByUse(situation),
                    of_dns ? "DNS queries (UDP port 53) take up much of the table."
                           : "Flows of protocol " + what + " take up much of the table.",
                    {},
                    of_dns ? "cache names on the clients (NodeLocal DNSCache), or notrack port 53"
                           : "conntrack -L -p " + protocol + " lists them; shorten their timeout"};
    if (of_dns) finding.evidence.push_back(Part(lookups->flows, flows, "are to UDP port 53"));
    finding.evidence.push_back(Part(part, flows, "are " + what));
    if (const auto timeout = TimeoutFor(situation.timeouts, protocol, "UNREPLIED")) {
      const bool own =
          std::ranges::count(situation.timeouts, protocol, &StateTimeout::protocol) > 0;
      finding.evidence.push_back("each stays for " + Span(*timeout) +
                                 " after its last packet (nf_conntrack_" +
                                 (own ? protocol : "generic") + "_timeout)");
    }
    findings.push_back(std::move(finding));
  }
}

void FindSnatExhaustion(const Situation& situation, std::vector<Finding>& findings) {
  if (!situation.snat || situation.snat->empty()) return;
  const auto& first = situation.snat->front();
  if (first.available == 0) return;
  const auto use = static_cast<double>(first.used) / static_cast<double>(first.available);
  if (use < threshold::kSnatUse) return;
  const bool nearly = use >= threshold::kSnatNearlyExhausted;
  const auto others = std::count_if(
      situation.snat->begin() + 1, situation.snat->end(), [](const SnatFigure& figure) {
        return static_cast<double>(figure.used) >=
               threshold::kSnatUse * static_cast<double>(figure.available);
      });
  Finding finding{
      "snat_exhaustion",
      nearly ? Severity::kCritical : Severity::kWarning,
      nearly ? "Source NAT has no free ports for one destination."
             : "Source NAT is running out of ports for one destination.",
      {Grouped(first.used) + " of " + Grouped(first.available) + " ports (" + Percent(use) +
       ") of " + first.address + " to " + first.protocol + " " + first.remote + " are in use"},
      "more source addresses for NAT, a wider --to-ports, or connection reuse"};
  if (others > 0) {
    finding.evidence.push_back(Count(static_cast<std::uint64_t>(others), "other destination") +
                               " likewise");
  }
  findings.push_back(std::move(finding));
}

}  // namespace conntrack
