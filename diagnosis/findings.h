// Every finding there is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diagnosis/diagnosis.h"

namespace conntrack {

/// A remedy of several findings.
inline constexpr const char* kAdvise =
    "conntrack_exporter advise: limit, buckets, and the files for them";

// Each adds what it finds; docs/report.md explains each finding.

// Of the table as a whole: its size, its losses, its settings.
void FindNoTracking(const Situation& situation, std::vector<Finding>& findings);
void FindUnseenEntries(const Situation& situation, std::vector<Finding>& findings);
void FindNoLimit(const Situation& situation, std::vector<Finding>& findings);
void FindFullTable(const Situation& situation, std::vector<Finding>& findings);
void FindLimitTooLow(const Situation& situation, std::vector<Finding>& findings);
void FindLongChains(const Situation& situation, std::vector<Finding>& findings);
void FindClashes(const Situation& situation, std::vector<Finding>& findings);
void FindDrift(const Situation& situation, std::vector<Finding>& findings);
/// Of the table that the cloud keeps for this machine.
void FindCloudTableFull(const Situation& situation, std::vector<Finding>& findings);

// Of what is in it.
void FindOneWayTcp(const Situation& situation, std::vector<Finding>& findings);
void FindOneSource(const Situation& situation, std::vector<Finding>& findings);
void FindCloseWaitLeak(const Situation& situation, std::vector<Finding>& findings);
void FindIdleEstablished(const Situation& situation, std::vector<Finding>& findings);
void FindProtocolFlood(const Situation& situation, std::vector<Finding>& findings);
void FindSnatExhaustion(const Situation& situation, std::vector<Finding>& findings);

/// Adds "232,000 entries of 262,144 (88.5 %)" where that is known.
void AddUse(const Situation& situation, std::vector<std::string>& evidence);

/// What becomes of a setting at a boot: "a boot sets 262144 (/etc/sysctl.d/90-x.conf:1)".
[[nodiscard]] std::string Describe(const DriftFigure& drift);

/// The remedy for settings that a boot sets before the module is loaded, if there are any.
[[nodiscard]] std::optional<std::string> RemedyBeforeModule(const std::vector<DriftFigure>& drift);

}  // namespace conntrack
