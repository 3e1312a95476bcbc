#include <algorithm>
#include <utility>

#include "diagnosis/findings.h"
#include "diagnosis/format.h"

namespace conntrack {
namespace {

using Evidence = std::vector<std::string>;

std::uint64_t PacketsOf(const std::optional<LossFigures>& loss, Loss LossByCause::*cause) {
  return loss ? (loss->packets.*cause).packets.value_or(0) : 0;
}

/// "153 packets lost in the last 2.0 s", "... since the namespace was made"
std::string Lost(const LossFigures& loss, std::uint64_t packets) {
  return Count(packets, "packet") + " lost " +
         (loss.seconds ? "in the last " + Fixed(*loss.seconds, 1) + " s"
                       : "since the namespace was made");
}

void AddUse(const Situation& situation, Evidence& evidence) {
  if (!situation.entries) return;
  auto text = Grouped(*situation.entries) + " entries";
  if (const auto use = UseOf(situation)) {
    text += " of " + Grouped(*situation.limit) + " (" + Percent(*use) + ")";
  }
  evidence.push_back(std::move(text));
}

void AddEvictability(const Situation& situation, Evidence& evidence) {
  if (!situation.flows || situation.flows->flows == 0) return;
  evidence.push_back(PercentOf(situation.flows->assured, situation.flows->flows) +
                     " of the flows are ASSURED: never evicted to make room");
}

/// Packets that a full table cost lately. Kernels before 5.10 do not always tell: then all losses
/// of a table that is nearly full.
std::uint64_t LostToFullTable(const Situation& situation) {
  if (!situation.loss_recently) return 0;
  const auto& packets = situation.loss_recently->packets;
  if (packets.table_full.packets) return *packets.table_full.packets;
  return UseOf(situation).value_or(0) >= threshold::kNearlyFull ? packets.total.packets.value_or(0)
                                                                : 0;
}

void FindFillingTable(const Situation& situation, double use, std::vector<Finding>& findings) {
  const bool nearly = use >= threshold::kNearlyFull;
  Finding finding{"table_filling",
                  nearly ? Severity::kCritical : Severity::kWarning,
                  nearly ? "The table is nearly full." : "The table is filling up.",
                  {},
                  kAdvise};
  AddUse(situation, finding.evidence);
  AddEvictability(situation, finding.evidence);
  findings.push_back(std::move(finding));
}

void FindFormerLoss(const Situation& situation, std::vector<Finding>& findings) {
  const auto lost = PacketsOf(situation.loss_since_boot, &LossByCause::table_full);
  if (lost < threshold::kLossSinceBoot) return;
  findings.push_back({"table_was_full",
                      Severity::kNotice,
                      "The table was full at some time, and is not now.",
                      {Lost(*situation.loss_since_boot, lost)},
                      kAdvise});
}

}  // namespace

void FindNoTracking(const Situation& situation, std::vector<Finding>& findings) {
  if (!situation.no_table) return;
  findings.push_back({"no_tracking",
                      Severity::kNotice,
                      "Connection tracking is not loaded: this host tracks no connections.",
                      {},
                      situation.no_table->remedy});
}

void FindFullTable(const Situation& situation, std::vector<Finding>& findings) {
  const auto use = UseOf(situation);
  const auto lost = LostToFullTable(situation);
  if (lost == 0 && use.value_or(0) < 1) {
    if (use && *use >= threshold::kFilling) return FindFillingTable(situation, *use, findings);
    return FindFormerLoss(situation, findings);
  }
  const auto evicted =
      situation.loss_recently ? situation.loss_recently->packets.evicted.value_or(0) : 0;
  // The losses are those of a while, in which it may have emptied again.
  const bool past = lost > 0 && use && *use < threshold::kNearlyFull;
  Finding finding{"table_full",
                  Severity::kCritical,
                  past          ? "The table was full a moment ago: packets were dropped."
                  : lost > 0    ? "The table is full: packets of new connections are dropped."
                  : evicted > 0 ? "The table is full: new connections push others out of it."
                                : "The table is full: the next new connections are dropped.",
                  {},
                  kAdvise};
  AddUse(situation, finding.evidence);
  if (situation.loss_recently) finding.evidence.push_back(Lost(*situation.loss_recently, lost));
  if (evicted > 0) {
    finding.evidence.push_back(Grouped(evicted) + " entries evicted to make room meanwhile");
  }
  AddEvictability(situation, finding.evidence);
  findings.push_back(std::move(finding));
}

void FindLimitTooLow(const Situation& situation, std::vector<Finding>& findings) {
  const auto use = UseOf(situation);
  if (!use || *use < threshold::kUseThatWorries || !situation.recommended_limit) return;
  const auto recommended = *situation.recommended_limit;
  if (static_cast<double>(*situation.limit) >=
      threshold::kLimitOfRecommended * static_cast<double>(recommended)) {
    return;
  }
  Finding finding{"limit_too_low",
                  *use >= threshold::kFilling ? Severity::kWarning : Severity::kNotice,
                  "The limit is low for the memory of this machine.",
                  {Grouped(*situation.limit) + " entries allowed, " + Percent(*use) + " in use",
                   "the memory allows " + Grouped(recommended)},
                  kAdvise};
  if (situation.memory.machine) {
    finding.evidence.back() += " (" + Bytes(*situation.memory.machine) + ")";
  }
  findings.push_back(std::move(finding));
}

void FindLongChains(const Situation& situation, std::vector<Finding>& findings) {
  const auto now = PacketsOf(situation.loss_recently, &LossByCause::chain_too_long);
  const auto ever = PacketsOf(situation.loss_since_boot, &LossByCause::chain_too_long);
  const auto own = MeanChainOf(situation).value_or(0);
  const auto mean = std::max(own, HostMeanChainOf(situation).value_or(0));
  const bool refused = ever >= threshold::kLossSinceBoot;
  if (now == 0 && !refused && mean <= threshold::kLongMeanChain) return;

  Finding finding{"chains_too_long",
                  now > 0 ? Severity::kCritical : Severity::kNotice,
                  now > 0   ? "Hash chains are too long: packets of new connections are dropped."
                  : refused ? "Hash chains were too long for some packets."
                            : "Hash chains are long: every packet costs more.",
                  {},
                  kAdvise};
  if (now > 0) finding.evidence.push_back(Lost(*situation.loss_recently, now));
  if (ever > 0) finding.evidence.push_back(Lost(*situation.loss_since_boot, ever));
  if (situation.buckets) {
    finding.evidence.push_back("mean chain " + Fixed(mean, 1) + " in " +
                               Grouped(*situation.buckets) + " buckets");
  }
  if (mean > own && situation.host_entries) {
    finding.evidence.push_back("all namespaces of the host share them: about " +
                               Grouped(*situation.host_entries) + " entries");
  }
  findings.push_back(std::move(finding));
}

void FindClashes(const Situation& situation, std::vector<Finding>& findings) {
  const auto now = PacketsOf(situation.loss_recently, &LossByCause::unresolved_clash);
  const auto ever = PacketsOf(situation.loss_since_boot, &LossByCause::unresolved_clash);
  if (now == 0 && ever < threshold::kLossSinceBoot) return;
  Finding finding{"unresolved_clashes",
                  now > 0 ? Severity::kWarning : Severity::kNotice,
                  now > 0 ? "Packets are lost because two made the same entry at the same time."
                          : "Packets were lost because two made the same entry at the same time.",
                  {},
                  "source NAT: --random-fully or more addresses; DNS through DNAT: docs/report.md"};
  if (now > 0) finding.evidence.push_back(Lost(*situation.loss_recently, now));
  if (ever > 0) finding.evidence.push_back(Lost(*situation.loss_since_boot, ever));
  findings.push_back(std::move(finding));
}

}  // namespace conntrack
