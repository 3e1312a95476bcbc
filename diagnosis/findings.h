// All findings.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diagnosis/diagnosis.h"

namespace conntrack {

/// Remedy of several findings.
inline constexpr const char* kAdvise =
    "conntrack_exporter advise: limit, buckets, and the files for them";

// Each function appends its findings. docs/report.md explains each finding.

// Findings on the table as a whole: size, losses, settings.
void FindNoTracking(const Situation& situation, std::vector<Finding>& findings);
void FindUnseenEntries(const Situation& situation, std::vector<Finding>& findings);
void FindNoLimit(const Situation& situation, std::vector<Finding>& findings);
void FindFullTable(const Situation& situation, std::vector<Finding>& findings);
void FindLimitTooLow(const Situation& situation, std::vector<Finding>& findings);
void FindLongChains(const Situation& situation, std::vector<Finding>& findings);
void FindClashes(const Situation& situation, std::vector<Finding>& findings);
void FindDrift(const Situation& situation, std::vector<Finding>& findings);
/// The table that the cloud keeps for this host.
void FindCloudTableFull(const Situation& situation, std::vector<Finding>& findings);

// Findings on the flows in the table.
void FindOneWayTcp(const Situation& situation, std::vector<Finding>& findings);
void FindOneSource(const Situation& situation, std::vector<Finding>& findings);
void FindCloseWaitLeak(const Situation& situation, std::vector<Finding>& findings);
void FindIdleEstablished(const Situation& situation, std::vector<Finding>& findings);
void FindProtocolFlood(const Situation& situation, std::vector<Finding>& findings);
void FindSnatExhaustion(const Situation& situation, std::vector<Finding>& findings);

/// Appends "232,000 entries of 262,144 (88.5 %)", as far as known.
void AddUse(const Situation& situation, std::vector<std::string>& evidence);

/// Returns the effect of a boot on a setting: "a boot sets 262144 (/etc/sysctl.d/90-x.conf:1)".
[[nodiscard]] std::string Describe(const DriftFigure& drift);

/// Returns the remedy for settings that are set at boot before the module is loaded; std::nullopt
/// if there are none.
[[nodiscard]] std::optional<std::string> RemedyBeforeModule(const std::vector<DriftFigure>& drift);

}  // namespace conntrack
