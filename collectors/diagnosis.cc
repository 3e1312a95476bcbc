#include "collectors/diagnosis.h"

#include <algorithm>
#include <array>

#include "collectors/flow_findings.h"
#include "collectors/plain_words.h"
#include "collectors/table_findings.h"

namespace conntrack {
namespace {

using Find = void (*)(const Situation&, std::vector<Finding>&);

/// In the order in which findings of the same severity are shown.
constexpr std::array<Find, 11> kFinders = {
    FindFullTable,       FindLongChains,  FindClashes,   FindSnatExhaustion,
    FindSynFlood,        FindUdpBurst,    FindOneSource, FindCloseWaitLeak,
    FindIdleEstablished, FindLimitTooLow, FindDrift,
};

/// What was looked at, so that "nothing" can be believed.
Finding NothingWrong(const Situation& situation) {
  Finding finding{"nothing_wrong", Severity::kOk, "Nothing is wrong.", {}, ""};
  const auto& evidence_of = situation;
  if (const auto use = UseOf(evidence_of)) {
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
  const bool blind = !situation.entries || !situation.flows || !situation.loss_recently;
  if (blind) {
    finding.headline = "Nothing is wrong in what could be read; not all could.";
    finding.next = "conntrack_exporter check tells what is missing, and the remedy";
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
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
  if (findings.empty()) findings.push_back(NothingWrong(situation));
  return findings;
}

}  // namespace conntrack
