// A report for a person.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "diagnosis/diagnosis.h"
#include "diagnosis/situation.h"
#include "exporter/commands/report/heading.h"

namespace conntrack::exporter::report {

/// What a report is as wide as, unless its terminal is narrower.
inline constexpr std::size_t kReportWidth = 96;

struct TextStyle {
  std::size_t top = 5;  ///< Lines of each list.
  std::size_t width = kReportWidth;
  bool colour = false;
};

/// \brief  The report as text: the diagnosis first, then the figures that it rests on, then what
/// could not be read.
/// Threads and cost: pure.
[[nodiscard]] std::string RenderText(const Heading& heading, const Situation& situation,
                                     const std::vector<Finding>& findings, const TextStyle& style);

}  // namespace conntrack::exporter::report
