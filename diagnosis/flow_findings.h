// Findings about what is in the table.
#pragma once

#include <vector>

#include "diagnosis/diagnosis.h"

namespace conntrack {

/// Each adds what it finds; docs/report.md explains each finding.
void FindSynFlood(const Situation& situation, std::vector<Finding>& findings);
void FindOneSource(const Situation& situation, std::vector<Finding>& findings);
void FindCloseWaitLeak(const Situation& situation, std::vector<Finding>& findings);
void FindIdleEstablished(const Situation& situation, std::vector<Finding>& findings);
void FindUdpBurst(const Situation& situation, std::vector<Finding>& findings);
void FindSnatExhaustion(const Situation& situation, std::vector<Finding>& findings);

}  // namespace conntrack
