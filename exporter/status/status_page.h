// The page at "/": what it shows, and how it looks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/diagnosis.h"
#include "diagnosis/situation.h"
#include "exporter/commands/report/formats.h"
#include "exporter/status/collector_health.h"

namespace conntrack::exporter::status {

struct StatusPage {
  report::Heading heading;
  std::string version;
  std::string telemetry_path;
  std::optional<unsigned> refresh_seconds;  ///< As the reader wants it.
  bool waiting = false;                     ///< For newer figures, which will be there in a moment.
  Situation situation;
  std::vector<Finding> findings;
  std::vector<CollectorHealth> collectors;
};

/// \brief  The page as HTML.
///
/// There is no script in it and nothing from elsewhere: one style sheet and bars drawn as SVG,
/// whose lengths are attributes, since a content security policy that forbids inline styles forbids
/// style attributes too. Each bar stands beside its figure. What is not known is "unknown", with
/// the reason and the remedy.
/// Threads and cost: pure; a few milliseconds, whatever the size of the table, since a situation
/// holds counts and short lists.
[[nodiscard]] std::string RenderStatusPage(const StatusPage& page);

/// The style sheet of the page, to the byte; for the content security policy.
[[nodiscard]] std::string_view StatusPageStyle();

/// The Content-Security-Policy that allows it, and nothing else.
[[nodiscard]] std::string_view StatusPagePolicy();

}  // namespace conntrack::exporter::status
