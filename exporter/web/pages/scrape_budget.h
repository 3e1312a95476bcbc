// How long a scrape may take.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace conntrack::exporter::web {

/// \brief  The time to answer in, from what Prometheus says it waits.
///
/// `header` is X-Prometheus-Scrape-Timeout-Seconds; `otherwise` stands in where it is missing or
/// not a number of seconds above zero and up to an hour. `offset` is kept back for the way to
/// Prometheus, but never more than nine tenths of the time: a short timeout still gets an attempt.
[[nodiscard]] std::chrono::milliseconds ScrapeBudget(std::optional<std::string_view> header,
                                                     std::chrono::milliseconds otherwise,
                                                     std::chrono::milliseconds offset);

}  // namespace conntrack::exporter::web
