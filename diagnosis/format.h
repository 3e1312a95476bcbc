// Figures as a person reads them.
#pragma once

#include <cstdint>
#include <string>

namespace conntrack {

/// "1,234,567"
[[nodiscard]] std::string Grouped(std::uint64_t number);

/// With `decimals` places: "1.25"
[[nodiscard]] std::string Fixed(double number, int decimals);

/// "61.3 %"; 0 of 0 is "0.0 %".
[[nodiscard]] std::string PercentOf(std::uint64_t part, std::uint64_t whole);

/// A share of 1 as "61.3 %".
[[nodiscard]] std::string Percent(double share);

/// "768 B", "39.2 MiB"
[[nodiscard]] std::string Bytes(std::uint64_t bytes);

/// "30 s", "5 min", "1 h", "5 d": the largest unit that it is a whole number of.
[[nodiscard]] std::string Span(std::uint64_t seconds);

/// "1 packet", "2 packets"
[[nodiscard]] std::string Count(std::uint64_t number, const std::string& noun);

}  // namespace conntrack
