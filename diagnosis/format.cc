#include "diagnosis/format.h"

#include <array>
#include <cstdio>

namespace conntrack {

std::string Grouped(std::uint64_t number) {
  auto text = std::to_string(number);
  for (auto at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string Fixed(double number, int decimals) {
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.*f", decimals, number);
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string Percent(double share) { return Fixed(share * 100, 1) + " %"; }

std::string RoundedPercent(double share) {
  return Fixed(share * 100, share * 100 < 10 ? 1 : 0) + " %";
}

std::string PercentOf(std::uint64_t part, std::uint64_t whole) {
  return Percent(whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole));
}

std::string Bytes(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; amount >= 1024 && unit + 1 < kUnits.size(); ++unit) amount /= 1024;
  return Fixed(amount, unit == 0 ? 0 : 1) + " " + std::string(kUnits[unit]);
}

std::string Span(std::uint64_t seconds) {
  if (seconds != 0 && seconds % 86400 == 0) return std::to_string(seconds / 86400) + " d";
  if (seconds != 0 && seconds % 3600 == 0) return std::to_string(seconds / 3600) + " h";
  // The kernel and its documentation say 120 s, not 2 min.
  if (seconds >= 300 && seconds % 60 == 0) return std::to_string(seconds / 60) + " min";
  return std::to_string(seconds) + " s";
}

std::string Count(std::uint64_t number, const std::string& noun) {
  return Grouped(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string Join(const std::vector<std::string>& texts, std::string_view between) {
  std::string joined;
  for (const auto& text : texts) joined.append(joined.empty() ? "" : between).append(text);
  return joined;
}

}  // namespace conntrack
