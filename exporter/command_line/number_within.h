// A check for numeric flags.
#pragma once

#include <CLI/TypeTools.hpp>
#include <sstream>
#include <string>

namespace conntrack::exporter {

/// Returns a check for CLI::Option::check(): a number from `low` to `high`. CLI::Range accepts
/// "nan" for any range.
[[nodiscard]] inline auto NumberWithin(double low, double high) {
  return [low, high](const std::string& text) {
    double number = 0;
    if (CLI::detail::lexical_cast(text, number) && number >= low && number <= high) {
      return std::string();
    }
    std::ostringstream wrong;
    wrong << text << " is not a number from " << low << " to " << high;
    return wrong.str();
  };
}

}  // namespace conntrack::exporter
