#include <algorithm>
#include <utility>

#include "diagnosis/findings.h"

namespace conntrack {
namespace {

constexpr std::size_t kDriftNamed = 3;
constexpr std::string_view kBeforeModule = "before_module";

/// Whether a file raises the limit without effect, so that the table is smaller than planned.
bool LimitIsLost(const DriftFigure& drift) {
  return drift.setting == "nf_conntrack_max" && drift.persisted && drift.left &&
         *drift.persisted > *drift.left;
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
  if (drift.reason == "value_differs") {
    const bool by_file = drift.managed_by.empty() || drift.managed_by == "systemd-sysctl";
    return (by_file ? "a boot" : drift.managed_by) + " sets " + value + where;
  }
  if (drift.reason == kBeforeModule)
    return "a file sets " + value + " before the module is loaded" + where;
  if (drift.reason == "not_applied_at_boot")
    return "the file that sets " + value + " is not read at boot" + where;
  if (drift.reason == "invalid_value") return "a file sets a value that the kernel refuses" + where;
  if (drift.reason == "read_only") {
    return "a file sets " + value + ", but this kernel only accepts it as hashsize of the module" +
           where;
  }
  if (drift.reason == "not_set") return "nothing sets it at boot";
  return drift.reason + where;
}

std::optional<std::string> RemedyBeforeModule(const std::vector<DriftFigure>& drift) {
  std::optional<std::string> remedy;
  for (const auto& figure : drift) {
    if (figure.reason != kBeforeModule) continue;
    const bool on_command_line = figure.file == "/proc/cmdline";
    if (remedy && !on_command_line) continue;
    const bool is_timeout = figure.setting.find("_timeout") != std::string::npos;
    remedy = std::string(on_command_line ? "set it in /etc/sysctl.d instead, and " : "") +
             "echo nf_conntrack > /etc/modules-load.d/conntrack.conf" +
             (is_timeout ? " (timeouts before Linux 4.19: nf_conntrack_ipv4)" : "") +
             ": systemd loads the module there before it sets sysctls";
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
    limit_is_lost = limit_is_lost || (is_early && LimitIsLost(drift));
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
            "Settings will change at the next boot, or a file sets them without effect.",
            {},
            kAdvise},
           findings);
}

}  // namespace conntrack
