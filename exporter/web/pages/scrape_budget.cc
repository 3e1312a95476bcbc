#include "exporter/web/pages/scrape_budget.h"

#include <algorithm>
#include <charconv>

namespace conntrack::exporter::web {
namespace {

using std::chrono::milliseconds;

std::optional<milliseconds> ParseSeconds(std::string_view text) {
  constexpr double kLongest = 3600;
  double seconds = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, seconds);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  if (!(seconds > 0 && seconds <= kLongest)) return std::nullopt;  // written so that NaN fails
  return std::chrono::duration_cast<milliseconds>(std::chrono::duration<double>(seconds));
}

}  // namespace

milliseconds ScrapeBudget(std::optional<std::string_view> header, milliseconds otherwise,
                          milliseconds offset) {
  const milliseconds timeout = ParseSeconds(header.value_or("")).value_or(otherwise);
  return std::max({timeout - offset, timeout / 10, milliseconds(1)});
}

}  // namespace conntrack::exporter::web
