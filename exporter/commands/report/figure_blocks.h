// The figures of a situation as blocks of text.
#pragma once

#include <cstddef>
#include <vector>

#include "diagnosis/situation.h"
#include "exporter/commands/report/blocks.h"

namespace conntrack::exporter::report {

/// States, protocols, timeouts, packets, talkers, SNAT ports, drift: `top` lines each. What is
/// unknown is left out, or an empty block.
[[nodiscard]] std::vector<Block> FigureBlocks(const Situation& situation, std::size_t top);

}  // namespace conntrack::exporter::report
