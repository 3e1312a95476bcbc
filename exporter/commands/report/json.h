// A report for a program.
#pragma once

#include <string>
#include <vector>

#include "diagnosis/diagnosis.h"
#include "diagnosis/situation.h"
#include "exporter/commands/report/heading.h"

namespace conntrack::exporter::report {

/// \brief  The report as one JSON object; its keys are a contract, docs/report.md has them.
///
/// Every key is always there; what is unknown is null. States and protocols are complete, of
/// talkers and SNAT ports there are `top`.
/// `indent`: blanks a level; below 0, all in one line. Ends with a newline.
/// Threads and cost: pure.
[[nodiscard]] std::string RenderJson(const Heading& heading, const Situation& situation,
                                     const std::vector<Finding>& findings, std::size_t top,
                                     int indent);

}  // namespace conntrack::exporter::report
