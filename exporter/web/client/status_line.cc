#include "exporter/web/client/status_line.h"

#include <algorithm>

namespace conntrack::exporter::web {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<int> ParseStatusLine(std::string_view line) {
  constexpr std::string_view kVersion = "HTTP/1.";
  if (!line.starts_with(kVersion)) return std::nullopt;
  line.remove_prefix(kVersion.size());
  if (line.size() < 5 || !IsDigit(line[0]) || line[1] != ' ') return std::nullopt;
  const auto digits = line.substr(2, 3);
  if (!std::all_of(digits.begin(), digits.end(), IsDigit) || digits[0] == '0') return std::nullopt;
  if (line.size() > 5 && line[5] != ' ') return std::nullopt;
  return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
}

}  // namespace conntrack::exporter::web
