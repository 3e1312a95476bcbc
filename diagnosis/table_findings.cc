#include <algorithm>
#include <utility>

#include "diagnosis/findings.h"
#include "diagnosis/format.h"

namespace conntrack {
namespace {

using Evidence = std::vector<std::string>;

constexpr std::size_t kDriftNamed = 3;
constexpr const char* kAdvise = "conntrack_exporter advise: limit, buckets, and the files for them";

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

namespace {

constexpr std::string_view kBeforeModule = "before_module";

/// The limit that the kernel itself chooses, since 2.6.32; the largest where the memory is unknown.
std::uint64_t DefaultLimit(std::optional<std::uint64_t> memory) {
  constexpr std::uint64_t kGiB = 1ULL << 30U;
  if (!memory || *memory > 4 * kGiB) return 262'144;
  return *memory > kGiB ? 65'536 : *memory / 16'384 / sizeof(void*) * 4;
}

/// Whether a file raises the limit in vain, so that the table is smaller than somebody planned.
bool LimitIsLost(const DriftFigure& drift, const Situation& situation) {
  const auto planned = drift.persisted.value_or(0);
  return drift.setting == "nf_conntrack_max" && planned > 0 &&
         static_cast<std::uint64_t>(planned) > DefaultLimit(situation.memory.machine);
}

void AddDrift(const std::vector<DriftFigure>& figures, Finding finding,
              std::vector<Finding>& findings) {
  if (figures.empty()) return;
  for (const auto& drift : figures) {
    if (finding.evidence.size() == kDriftNamed) {
      finding.evidence.push_back("and " + std::to_string(figures.size() - kDriftNamed) + " more");
      break;
    }
    const auto now = drift.running ? " is " + std::to_string(*drift.running) + "; " : ": ";
    finding.evidence.push_back(drift.setting + now + Describe(drift));
  }
  findings.push_back(std::move(finding));
}

}  // namespace

std::string Describe(const DriftFigure& drift) {
  const auto value = drift.persisted ? std::to_string(*drift.persisted) : "it";
  const auto where = drift.file.empty() ? "" : " (" + drift.file + ")";
  if (drift.reason == "value_differs") return "a boot sets " + value + where;
  if (drift.reason == kBeforeModule)
    return "a file sets " + value + " before the module is loaded" + where;
  if (drift.reason == "not_applied_at_boot")
    return "the file that sets " + value + " is not read at boot" + where;
  if (drift.reason == "invalid_value") return "a file sets what the kernel refuses" + where;
  if (drift.reason == "not_set") return "no boot file sets it";
  return drift.reason + where;
}

std::optional<std::string> RemedyBeforeModule(const std::vector<DriftFigure>& drift) {
  std::optional<std::string> remedy;
  for (const auto& figure : drift) {
    if (figure.reason != kBeforeModule) continue;
    const bool on_command_line = figure.file == "/proc/cmdline";
    if (remedy && !on_command_line) continue;
    remedy = std::string(on_command_line ? "set it in /etc/sysctl.d instead, and " : "") +
             "echo nf_conntrack > /etc/modules-load.d/conntrack.conf: systemd loads the module "
             "there before it sets sysctls";
  }
  return remedy;
}

void FindDrift(const Situation& situation, std::vector<Finding>& findings) {
  if (!situation.drift) return;
  std::vector<DriftFigure> early;
  std::vector<DriftFigure> others;
  bool limit_is_lost = false;
  for (const auto& drift : *situation.drift) {
    const bool is_early = drift.reason == kBeforeModule;
    (is_early ? early : others).push_back(drift);
    limit_is_lost = limit_is_lost || (is_early && LimitIsLost(drift, situation));
  }
  AddDrift(early,
           {"set_before_module",
            limit_is_lost ? Severity::kWarning : Severity::kNotice,
            std::string("A file sets ") + (limit_is_lost ? "the limit" : "sysctls") +
                " before nf_conntrack is loaded: the next boot leaves the default.",
            {},
            RemedyBeforeModule(early).value_or("")},
           findings);
  AddDrift(others,
           {"settings_drift",
            Severity::kNotice,
            "The next boot changes settings, or a file sets them in vain.",
            {},
            kAdvise},
           findings);
}

}  // namespace conntrack
