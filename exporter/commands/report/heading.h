// Where and when a report was made.
#pragma once

#include <string>

namespace conntrack::exporter::report {

struct Heading {
  std::string host;
  std::string kernel;  ///< Its release.
  std::string time;    ///< UTC, ISO 8601: "2026-01-31T12:00:00Z".
};

}  // namespace conntrack::exporter::report
