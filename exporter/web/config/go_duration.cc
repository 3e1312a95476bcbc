#include "exporter/web/config/go_duration.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

namespace conntrack::exporter::web {
namespace {

using Unit = std::pair<std::string_view, double>;

// The longer name first where one begins with the other.
constexpr std::array<Unit, 8> kUnits{{{"ns", 1},
                                      {"us", 1e3},
                                      {"\u00b5s", 1e3},  // micro sign
                                      {"\u03bcs", 1e3},  // Greek mu, which Go takes as well
                                      {"ms", 1e6},
                                      {"s", 1e9},
                                      {"m", 60e9},
                                      {"h", 3600e9}}};
constexpr double kLongest = 365 * 24 * 3600e9;

// Takes "1.5" off the front. from_chars alone would also take "inf", "nan", "-1" and "1e9".
std::optional<double> TakeNumber(std::string_view& rest) {
  const auto length = std::min(rest.find_first_not_of("0123456789."), rest.size());
  double number = 0;
  const auto parsed = std::from_chars(rest.data(), rest.data() + length, number);
  if (parsed.ec != std::errc() || parsed.ptr != rest.data() + length) return std::nullopt;
  rest.remove_prefix(length);
  return number;
}

std::optional<double> TakeUnit(std::string_view& rest) {
  for (const auto& [name, nanoseconds] : kUnits) {
    if (!rest.starts_with(name)) continue;
    rest.remove_prefix(name.size());
    return nanoseconds;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::chrono::nanoseconds> ParseGoDuration(std::string_view text) {
  if (text == "0") return std::chrono::nanoseconds(0);
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    const auto number = TakeNumber(text);
    const auto unit = number ? TakeUnit(text) : std::nullopt;
    if (!unit) return std::nullopt;
    total += *number * *unit;
  }
  if (!(total <= kLongest)) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::chrono::nanoseconds::rep>(total));
}

}  // namespace conntrack::exporter::web
