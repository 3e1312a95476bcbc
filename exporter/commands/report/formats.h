// A report as text and as JSON.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "diagnosis/diagnosis.h"
#include "diagnosis/situation.h"

namespace conntrack::exporter::report {

/// Where and when figures were read.
struct Heading {
  std::string host;
  std::string kernel;  ///< Its release.
  std::string time;    ///< UTC, ISO 8601: "2026-01-31T12:00:00Z".
};

/// This host, this kernel, now.
[[nodiscard]] Heading HeadingNow();

/// What a report is as wide as, unless its terminal is narrower.
inline constexpr std::size_t kReportWidth = 96;

struct TextStyle {
  std::size_t top = 5;  ///< Lines of each list.
  std::size_t width = kReportWidth;
  bool colour = false;
};

/// \brief  For a person: the diagnosis first, then the figures that it rests on, then what could
/// not be read. Pure. With the situation `before`, how far flows have changed since.
[[nodiscard]] std::string RenderText(const Heading& heading, const Situation& situation,
                                     const std::vector<Finding>& findings, const TextStyle& style,
                                     const Situation* before = nullptr);

/// \brief  For a program: one JSON object, with a newline; its keys are a contract, see
/// docs/report.md. Pure. Every key is always there, null if unknown. States and protocols are
/// complete, of talkers and SNAT ports there are `top`.
/// `indent`: blanks a level; below 0, all in one line.
[[nodiscard]] std::string RenderJson(const Heading& heading, const Situation& situation,
                                     const std::vector<Finding>& findings, std::size_t top,
                                     int indent);

}  // namespace conntrack::exporter::report
