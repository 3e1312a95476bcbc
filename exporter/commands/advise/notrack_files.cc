#include "exporter/commands/advise/notrack_files.h"

#include <functional>

#include "exporter/commands/advise/warnings.h"
#include "exporter/commands/advise/wrapped.h"

namespace conntrack::exporter::advise {
namespace {

/// One rule: the service as destination (`to`, requests) or as source (answers).
using Rule = std::function<std::string(const ServicePort& service, bool to)>;

std::string BothDirections(const ServicePort& service, const Rule& rule,
                           const std::string& before) {
  return before + rule(service, true) + "\n" + before + rule(service, false) + "\n";
}

/// Active rules, then proposals as comments.
std::string Rules(const Advice& advice, const Rule& rule, const std::string& indent) {
  std::string text;
  for (const auto& service : advice.notrack) text += BothDirections(service, rule, indent);
  for (const auto& proposal : advice.proposals) {
    text += Comment("proposed: " + ToString(proposal.service) + " has " +
                        std::to_string(proposal.flows) + " flows",
                    indent);
    text += BothDirections(proposal.service, rule, indent + "# ");
  }
  return text;
}

std::string Head(const Advice& advice) {
  auto text = Comment(
      "Services that connection tracking passes over. From conntrack_exporter "
      "advise; review it before it is loaded.");
  for (const auto& warning : NotrackWarnings()) text += Comment(warning);
  if (advice.notrack.empty()) {
    text += Comment(
        "No rule is active: --service PROTO/PORT names the services that rules are for." +
        std::string(
            advice.proposals.empty() ? "" : " Those that fill the table stand here as comments."));
  }
  return text;
}

std::string NftRule(const ServicePort& service, bool to) {
  return service.protocol + (to ? " dport " : " sport ") + std::to_string(service.port) +
         " notrack";
}

std::string IptablesRule(const ServicePort& service, bool to) {
  return "-A CONNTRACK_NOTRACK -p " + service.protocol + (to ? " --dport " : " --sport ") +
         std::to_string(service.port) + " -j CT --notrack";
}

}  // namespace

std::string NftNotrackFile(const Machine& /*machine*/, const Advice& advice) {
  const auto chain = [&](const std::string& hook) {
    return "  chain " + hook + " {\n    type filter hook " + hook +
           " priority raw; policy accept;\n" + Rules(advice, NftRule, "    ") + "  }\n";
  };
  return Head(advice) +
         "# Check:  nft -c -f FILE\n# Load:   nft -f FILE (again: replaces itself)\n" +
         "# Remove: nft delete table inet conntrack_notrack\n" +
         Comment(
             "Entries that exist keep their place until they expire; packets that pass these "
             "rules do not renew them.") +
         "\ntable inet conntrack_notrack\ndelete table inet conntrack_notrack\n\n" +
         "table inet conntrack_notrack {\n" + chain("prerouting") + chain("output") + "}\n";
}

std::string IptablesNotrackFile(const Machine& /*machine*/, const Advice& advice) {
  return Head(advice) +
         "# For IPv4 with iptables-restore, and the same file for IPv6 with ip6tables-restore.\n"
         "# Check:  iptables-restore --test --noflush FILE\n"
         "# Load:   iptables-restore --noflush FILE (once; without --noflush it empties the table "
         "raw)\n"
         "# Remove: iptables -t raw -D PREROUTING -j CONNTRACK_NOTRACK\n"
         "#         iptables -t raw -D OUTPUT -j CONNTRACK_NOTRACK\n"
         "#         iptables -t raw -F CONNTRACK_NOTRACK\n"
         "#         iptables -t raw -X CONNTRACK_NOTRACK\n"
         "*raw\n"
         ":PREROUTING ACCEPT [0:0]\n"
         ":OUTPUT ACCEPT [0:0]\n"
         ":CONNTRACK_NOTRACK - [0:0]\n"
         "-A PREROUTING -j CONNTRACK_NOTRACK\n"
         "-A OUTPUT -j CONNTRACK_NOTRACK\n" +
         Rules(advice, IptablesRule, "") + "COMMIT\n";
}

}  // namespace conntrack::exporter::advise
