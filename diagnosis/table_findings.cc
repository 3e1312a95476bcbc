#include <algorithm>
#include <utility>

#include "collectors/table_collector.h"
#include "diagnosis/findings.h"
#include "diagnosis/format.h"

namespace conntrack {
namespace {

using Evidence = std::vector<std::string>;

std::uint64_t PacketsOf(const std::optional<LossFigures>& loss, Loss LossByCause::*cause) {
  return loss ? (loss->packets.*cause).packets.value_or(0) : 0;
}

std::uint64_t EvictedOf(const std::optional<LossFigures>& loss) {
  return loss ? loss->packets.evicted.value_or(0) : 0;
}

/// Returns "153 packets lost in the last 2.0 s" or "... since the namespace was created".
std::string Lost(const LossFigures& loss, std::uint64_t packets) {
  return Count(packets, "packet") + " lost " +
         (loss.seconds ? "in the last " + Fixed(*loss.seconds, 1) + " s"
                       : "since the namespace was created");
}

/// Whether the walk missed so many entries that its flows say little about the table.
bool HoldsUnseen(const Situation& situation) {
  if (!situation.flows || !situation.flows->unseen) return false;
  const auto unseen = *situation.flows->unseen;
  const auto all = static_cast<double>(unseen + situation.flows->flows);
  return unseen >= threshold::kFewFlows &&
         static_cast<double>(unseen) >= threshold::kUnseenShare * all;
}

/// Recommends a larger limit only if the content of the table is known.
const char* Remedy(const Situation& situation) {
  return HoldsUnseen(situation)
             ? "see entries_unseen first: such entries would fill a larger table too"
             : kAdvise;
}

void AddEvictability(const Situation& situation, Evidence& evidence) {
  if (!situation.flows || situation.flows->flows == 0 || HoldsUnseen(situation)) return;
  evidence.push_back(PercentOf(situation.flows->assured, situation.flows->flows) +
                     " of the flows are ASSURED: never evicted to make room");
}

/// Returns the packets recently lost to a full table. Kernels before 5.10 cannot always tell; then
/// counts all losses if the table is nearly full.
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
                  Remedy(situation)};
  AddUse(situation, finding.evidence);
  AddEvictability(situation, finding.evidence);
  findings.push_back(std::move(finding));
}

/// Uses whole minutes, hours or days from two on.
std::string Ago(std::uint64_t seconds) {
  for (const std::uint64_t unit : {86400U, 3600U, 60U}) {
    if (seconds >= 2 * unit) return Span(seconds - seconds % unit);
  }
  return Span(seconds);
}

/// Uses the counters since the namespace was created, and the kernel log.
void FindFormerlyFullTable(const Situation& situation, std::vector<Finding>& findings) {
  const auto lost = PacketsOf(situation.loss_since_boot, &LossByCause::table_full);
  const auto evicted = EvictedOf(situation.loss_since_boot);
  const bool counted = std::max(lost, evicted) >= threshold::kLossSinceBoot;
  // The log covers all namespaces, so it counts on its own only if our counters cannot be read.
  if (!counted && (situation.loss_since_boot || !situation.log_says_full)) return;
  Finding finding{"table_was_full",
                  Severity::kNotice,
                  counted ? "The table was full at some time, but is not now."
                          : "The kernel's log says that a table of this host was full.",
                  {},
                  kAdvise};
  if (lost > 0) finding.evidence.push_back(Lost(*situation.loss_since_boot, lost));
  if (evicted > 0) {
    finding.evidence.push_back(Count(evicted, "flow") +
                               " evicted to make room since the namespace was created");
  }
  if (situation.log_says_full) {
    finding.evidence.push_back("last line in the kernel's log " + Ago(*situation.log_says_full) +
                               " ago, for this or another namespace");
  }
  findings.push_back(std::move(finding));
}

/// `past`: the table has emptied since. Losses, evictions and the peak cover the recent past.
std::string_view FullHeadline(bool past, std::uint64_t lost, std::uint64_t evicted) {
  if (past && lost > 0) return "The table was full a moment ago: packets were dropped.";
  if (past && evicted > 0) return "The table was full a moment ago: flows were evicted.";
  if (past) return "The table was full a moment ago.";
  if (lost > 0) return "The table is full: packets of new connections are dropped.";
  if (evicted > 0) return "The table is full: new connections evict others.";
  return "The table is full: the next new connections are dropped.";
}

}  // namespace

void AddUse(const Situation& situation, std::vector<std::string>& evidence) {
  if (!situation.entries) return;
  auto text = Grouped(*situation.entries) + " entries";
  if (const auto use = UseOf(situation)) {
    text += " of " + Grouped(*situation.limit) + " (" + Percent(*use) + ")";
  }
  evidence.push_back(std::move(text));
}

void FindNoTracking(const Situation& situation, std::vector<Finding>& findings) {
  if (!situation.no_table) return;
  findings.push_back({"no_tracking",
                      Severity::kNotice,
                      "Connection tracking is not loaded: this host tracks no connections.",
                      {},
                      situation.no_table->remedy});
}

void FindUnseenEntries(const Situation& situation, std::vector<Finding>& findings) {
  if (!HoldsUnseen(situation)) return;
  const auto unseen = *situation.flows->unseen;
  const auto all = unseen + situation.flows->flows;
  Finding finding{
      "entries_unseen",
      UseOf(situation).value_or(0) >= threshold::kNearlyFull ? Severity::kCritical
                                                             : Severity::kWarning,
      "Many entries are counted but not found by a walk: they leaked, or something holds their "
      "packets.",
      {Grouped(unseen) + " of " + Grouped(all) + " entries (" + PercentOf(unseen, all) +
       ") are counted, but a walk found only " + Count(situation.flows->flows, "flow")},
      "find what keeps packets: programs on NFQUEUE, out-of-tree drivers and modules, a conntrackd "
      "that lags; a larger limit does not help: docs/report.md"};
  if (situation.host_entries) {
    finding.evidence.push_back("the kernel has memory for about " +
                               Grouped(*situation.host_entries) +
                               " entries of all namespaces (slabinfo)");
  }
  findings.push_back(std::move(finding));
}

void FindFullTable(const Situation& situation, std::vector<Finding>& findings) {
  const auto use = UseOf(situation);
  const auto lost = LostToFullTable(situation);
  const auto evicted = EvictedOf(situation.loss_recently);
  const bool peaked = use && situation.peak.value_or(0) >= *situation.limit;
  if (lost == 0 && evicted == 0 && !peaked && use.value_or(0) < 1) {
    if (use && *use >= threshold::kFilling) FindFillingTable(situation, *use, findings);
    return FindFormerlyFullTable(situation, findings);
  }
  const bool past = use && *use < threshold::kNearlyFull;
  Finding finding{"table_full",
                  past && lost == 0 ? Severity::kWarning : Severity::kCritical,
                  std::string(FullHeadline(past, lost, evicted)),
                  {},
                  Remedy(situation)};
  AddUse(situation, finding.evidence);
  if (past && peaked) {
    finding.evidence.push_back("up to " + Grouped(*situation.peak) + " in the last minute");
  }
  if (situation.loss_recently) finding.evidence.push_back(Lost(*situation.loss_recently, lost));
  if (evicted > 0) {
    finding.evidence.push_back(Grouped(evicted) + " entries evicted to make room meanwhile");
  }
  AddEvictability(situation, finding.evidence);
  findings.push_back(std::move(finding));
}

void FindNoLimit(const Situation& situation, std::vector<Finding>& findings) {
  if (situation.limit != 0U && !situation.bad_limit) return;
  findings.push_back(
      {"no_limit",
       Severity::kWarning,
       "The table has no limit: a flood can use up the memory of this host.",
       {situation.bad_limit.value_or("nf_conntrack_max is 0, which is no limit before Linux 6.19")},
       kAdvise});
  AddUse(situation, findings.back().evidence);
}

void FindLimitTooLow(const Situation& situation, std::vector<Finding>& findings) {
  const auto use = UseOf(situation);
  if (!use || *use < threshold::kUseThatWorries || !situation.recommended_limit) return;
  if (HoldsUnseen(situation)) return;
  const auto recommended = *situation.recommended_limit;
  if (static_cast<double>(*situation.limit) >=
      threshold::kLimitOfRecommended * static_cast<double>(recommended)) {
    return;
  }
  Finding finding{"limit_too_low",
                  *use >= threshold::kFilling ? Severity::kWarning : Severity::kNotice,
                  "The limit is low for the memory of this host.",
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
                            : "Hash chains are long: lookups take longer for every packet.",
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
  Finding finding{
      "unresolved_clashes",
      now > 0 ? Severity::kWarning : Severity::kNotice,
      now > 0
          ? "Packets are lost to clashes: two packets created the same entry at the same time."
          : "Packets were lost to clashes: two packets created the same entry at the same time.",
      {},
      "source NAT: --random-fully or more addresses; DNS through DNAT: docs/report.md"};
  if (now > 0) finding.evidence.push_back(Lost(*situation.loss_recently, now));
  if (ever > 0) finding.evidence.push_back(Lost(*situation.loss_since_boot, ever));
  findings.push_back(std::move(finding));
}

}  // namespace conntrack
