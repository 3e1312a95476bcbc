// Formats numbers for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace conntrack {

/// Returns "1,234,567".
[[nodiscard]] std::string Grouped(std::uint64_t number);

/// Returns a number with `decimals` decimal places: "1.25".
[[nodiscard]] std::string Fixed(double number, int decimals);

/// Returns "61.3 %"; "0.0 %" if `whole` is 0.
[[nodiscard]] std::string PercentOf(std::uint64_t part, std::uint64_t whole);

/// Returns "61.3 %" for 0.613.
[[nodiscard]] std::string Percent(double share);

/// Returns "76 %" or "0.4 %": no decimals from 10 % on.
[[nodiscard]] std::string RoundedPercent(double share);

/// Returns "768 B" or "39.2 MiB".
[[nodiscard]] std::string Bytes(std::uint64_t bytes);

/// Returns "30 s", "5 min", "1 h" or "5 d": the largest unit without a fraction.
[[nodiscard]] std::string Span(std::uint64_t seconds);

/// Returns "1 packet" or "2 packets".
[[nodiscard]] std::string Count(std::uint64_t number, const std::string& noun);

/// Returns "a, b, c".
[[nodiscard]] std::string Join(const std::vector<std::string>& texts, std::string_view between);

}  // namespace conntrack
