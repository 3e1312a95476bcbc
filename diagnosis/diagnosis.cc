#include "diagnosis/diagnosis.h"

#include <algorithm>
#include <array>
#include <functional>

#include "diagnosis/findings.h"
#include "diagnosis/format.h"
#include "diagnosis/standing.h"

namespace conntrack {
namespace {

using FindIn = void (*)(const Situation&, std::vector<Finding>&);

/// A user who mounts the host's /proc expects the host's table.
void FindElsewhere(const Situation& situation, std::vector<Finding>& findings) {
  const auto elsewhere = WhyNotTheHost(situation.place);
  if (!elsewhere || elsewhere->kind != ErrorKind::kDenied) return;
  findings.push_back({"not_the_host",
                      Severity::kWarning,
                      "This is the table of a separate network namespace, not the host's.",
                      {elsewhere->message},
                      elsewhere->remedy});
}

/// Findings of the same severity are shown in this order.
constexpr std::array<FindIn, 16> kFinders = {
    FindElsewhere,      FindNoTracking,      FindNoLimit,        FindUnseenEntries,
    FindFullTable,      FindLongChains,      FindCloudTableFull, FindClashes,
    FindSnatExhaustion, FindOneWayTcp,       FindProtocolFlood,  FindOneSource,
    FindCloseWaitLeak,  FindIdleEstablished, FindLimitTooLow,    FindDrift,
};

constexpr const char* kCheck =
    "conntrack_exporter check shows what is missing, why, and how to fix it";

bool NothingRead(const Situation& situation) {
  return !situation.entries && !situation.flows && !situation.loss_since_boot;
}

/// Lists what was examined, so that users can see what the result is based on.
Finding NothingWrong(const Situation& situation) {
  Finding finding{"nothing_wrong", Severity::kOk, "No problem found.", {}, ""};
  if (situation.place.boot_network_namespace == false) {
    finding.headline = "No problem found in this network namespace, which is not the host's.";
  }
  if (const auto use = UseOf(situation)) {
    finding.evidence.push_back(Percent(*use) + " of the limit in use");
  } else if (situation.entries) {
    finding.evidence.push_back(Grouped(*situation.entries) + " entries");
  }
  if (const auto& loss = situation.loss_recently; loss && loss->packets.total.packets == 0U) {
    finding.evidence.push_back("no packet lost in the last " + Fixed(*loss->seconds, 1) + " s");
  }
  if (situation.flows) {
    finding.evidence.push_back(Grouped(situation.flows->flows) + " flows read");
  }
  const bool blind =
      !situation.entries || !situation.limit || !situation.flows || !situation.loss_recently;
  if (blind) {
    finding.headline = "No problem found, but not everything could be read.";
    finding.next = kCheck;
  }
  return finding;
}

}  // namespace

std::string_view ToString(Severity severity) {
  switch (severity) {
    case Severity::kOk:
      return "ok";
    case Severity::kNotice:
      return "notice";
    case Severity::kWarning:
      return "warning";
    case Severity::kCritical:
      return "critical";
  }
  return "ok";
}

std::vector<Finding> Diagnose(const Situation& situation) {
  std::vector<Finding> findings;
  for (const auto find : kFinders) find(situation, findings);
  std::ranges::stable_sort(findings, std::greater{}, &Finding::severity);
  if (findings.empty() && NothingRead(situation)) {
    findings.push_back({"nothing_read",
                        Severity::kWarning,
                        "Nothing could be read, so there is no diagnosis.",
                        {},
                        kCheck});
  }
  if (findings.empty()) findings.push_back(NothingWrong(situation));
  return findings;
}

}  // namespace conntrack
