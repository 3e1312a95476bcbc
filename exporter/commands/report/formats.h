// A report as text and as JSON.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "diagnosis/diagnosis.h"
#include "diagnosis/situation.h"

namespace conntrack::exporter::report {

/// Where and when the figures were read.
struct Heading {
  std::string host;
  std::string kernel;  ///< Kernel release.
  std::string time;    ///< UTC, ISO 8601: "2026-01-31T12:00:00Z".
};

/// Returns this host, its kernel, and the current time.
[[nodiscard]] Heading HeadingNow();

/// Width of a report, unless the terminal is narrower.
inline constexpr std::size_t kReportWidth = 96;

struct TextStyle {
  std::size_t top = 5;  ///< Lines per list.
  std::size_t width = kReportWidth;
  bool colour = false;
};

/// \brief  Returns text for people: the diagnosis, the figures it is based on, and what could not
/// be read. Pure. If `before` is set, shows how far flows have changed since then.
[[nodiscard]] std::string RenderText(const Heading& heading, const Situation& situation,
                                     const std::vector<Finding>& findings, const TextStyle& style,
                                     const Situation* before = nullptr);

/// \brief  Returns one JSON object, with a newline. Its keys are stable, see docs/report.md. Pure.
/// Every key is present, null if unknown. States and protocols are complete; talkers and SNAT ports
/// have `top` entries.
/// `indent`: blanks per level; negative: one line.
[[nodiscard]] std::string RenderJson(const Heading& heading, const Situation& situation,
                                     const std::vector<Finding>& findings, std::size_t top,
                                     int indent);

}  // namespace conntrack::exporter::report
