// Findings about the table as a whole: its size, its losses, its settings.
#pragma once

#include <vector>

#include "collectors/diagnosis.h"

namespace conntrack {

/// Each adds what it finds; docs/report.md explains each finding.
void FindFullTable(const Situation& situation, std::vector<Finding>& findings);
void FindLimitTooLow(const Situation& situation, std::vector<Finding>& findings);
void FindLongChains(const Situation& situation, std::vector<Finding>& findings);
void FindClashes(const Situation& situation, std::vector<Finding>& findings);
void FindDrift(const Situation& situation, std::vector<Finding>& findings);

}  // namespace conntrack
