// Lists with weights, which is what clients say what they would like in: Accept, Accept-Encoding.
#pragma once

#include <optional>
#include <string_view>

namespace conntrack::exporter::web {

/// \brief  Cuts the text up to the separator off the front of `rest` and yields it without the
/// blanks around it. A separator in a quoted string is text like any other.
[[nodiscard]] std::string_view TakeElement(std::string_view& rest, char separator);

/// The weight in the "0.5" of "q=0.5"; nothing where it is no number from 0 to 1 (RFC 9110,
/// 12.4.2).
[[nodiscard]] std::optional<double> ParseWeight(std::string_view text);

}  // namespace conntrack::exporter::web
