// Which collectors a scrape asks for.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "exporter/web/pages/query.h"

namespace conntrack::exporter::web {

/// \brief  Applies `collect[]=NAME` (only these) or `exclude[]=NAME` (all but these), as
/// node_exporter does.
///
/// Without either all of `available`; the order is always that of `available`, and a name given
/// twice counts once.
/// Errors: a text for the client: both kinds at once, or a name that is not in `available`.
[[nodiscard]] tl::expected<std::vector<std::string>, std::string> SelectCollectors(
    const std::vector<QueryParameter>& parameters, const std::vector<std::string>& available);

}  // namespace conntrack::exporter::web
