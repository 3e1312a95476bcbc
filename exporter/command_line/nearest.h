// The nearest known word to a mistyped one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace conntrack::exporter {

/// The word of `known` that takes the fewest edits to make from `word`; empty where none is near
/// enough to be meant.
[[nodiscard]] std::string Nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace conntrack::exporter
