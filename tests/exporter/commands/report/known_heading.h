// What a report of the tests begins with, whatever its form.
#pragma once

#include "exporter/commands/report/formats.h"

namespace conntrack::test {

inline const exporter::report::Heading kHeading{"gw1", "6.1.0-18-amd64", "2026-01-31T12:00:00Z"};

}  // namespace conntrack::test
