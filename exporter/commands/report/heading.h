// Where and when figures were read.
#pragma once

#include <string>

namespace conntrack::exporter::report {

struct Heading {
  std::string host;
  std::string kernel;  ///< Its release.
  std::string time;    ///< UTC, ISO 8601: "2026-01-31T12:00:00Z".
};

/// This host, this kernel, now.
[[nodiscard]] Heading HeadingNow();

}  // namespace conntrack::exporter::report
