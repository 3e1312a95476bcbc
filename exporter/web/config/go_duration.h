// Durations as Go writes them.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace conntrack::exporter::web {

/// \brief  Reads "1s", "250ms", "1m30s", "1.5h": numbers with the units ns, us, ms, s, m, h. "0"
/// needs no unit.
///
/// Nothing where the text is none, is negative, or is longer than a year.
[[nodiscard]] std::optional<std::chrono::nanoseconds> ParseGoDuration(std::string_view text);

}  // namespace conntrack::exporter::web
