#include "exporter/commands/advise/quantities.h"

#include <array>
#include <iomanip>
#include <sstream>
#include <string_view>

namespace conntrack::exporter::advise {
namespace {

std::string Fixed(double value, int digits) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << value;
  return text.str();
}

}  // namespace

std::string Bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return Fixed(value, unit == 0 ? 0 : 1) + " " + std::string(kUnits[unit]);
}

std::string Percent(double share) {
  const auto percent = share * 100;
  return Fixed(percent, percent < 10 ? 1 : 0) + " %";
}

std::string Tenths(double value) { return Fixed(value, 1); }

std::string Multiple(double factor) {
  std::ostringstream text;
  text << factor;
  return text.str();
}

}  // namespace conntrack::exporter::advise
