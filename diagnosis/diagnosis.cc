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

/// Somebody who mounts the host's /proc means the host's table.
void FindElsewhere(const Situation& situation, std::vector<Finding>& findings) {
  const auto elsewhere = WhyNotTheHost(situation.place);
  if (!elsewhere || elsewhere->kind != ErrorKind::kDenied) return;
  findings.push_back({"not_the_host",
                      Severity::kWarning,
                      "This is not the host's table, but that of a network namespace of its own.",
                      {elsewhere->message},
                      elsewhere->remedy});
}

/// In the order in which findings of the same severity are shown.
constexpr std::array<FindIn, 16> kFinders = {
    FindElsewhere,      FindNoTracking,      FindNoLimit,        FindUnseenEntries,
    FindFullTable,      FindLongChains,      FindCloudTableFull, FindClashes,
    FindSnatExhaustion, FindOneWayTcp,       FindProtocolFlood,  FindOneSource,
    FindCloseWaitLeak,  FindIdleEstablished, FindLimitTooLow,    FindDrift,
};

constexpr const char* kCheck = "conntrack_exporter check: what is missing, why, and the remedy";

bool NothingRead(const Situation& situation) {
  return !situation.entries && !situation.flows && !situation.loss_since_boot;
}

/// What was looked at, so that "nothing" can be believed.
Finding NothingWrong(const Situation& situation) {
  Finding finding{"nothing_wrong", Severity::kOk, "Nothing is wrong.", {}, ""};
  if (situation.place.boot_network_namespace == false) {
    finding.headline = "Nothing is wrong in this network namespace, which is not the host's.";
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
    finding.evidence.push_back(Grouped(situation.flows->flows) + " flows looked at");
  }
  const bool blind =
      !situation.entries || !situation.limit || !situation.flows || !situation.loss_recently;
  if (blind) {
    finding.headline = "Nothing is wrong in what could be read; not all could.";
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
                        "Nothing could be read, so nothing can be said.",
                        {},
                        kCheck});
  }
  if (findings.empty()) findings.push_back(NothingWrong(situation));
  return findings;
}

}  // namespace conntrack
