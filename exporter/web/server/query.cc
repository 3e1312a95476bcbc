#include "exporter/web/server/query.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <utility>

namespace conntrack::exporter::web {
namespace {

std::optional<std::string> DecodeField(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return PercentDecode(spaced);
}

std::optional<QueryParameter> ParseParameter(std::string_view text) {
  const auto equals = text.find('=');
  auto name = DecodeField(text.substr(0, equals));
  auto value =
      DecodeField(equals == std::string_view::npos ? std::string_view() : text.substr(equals + 1));
  if (!name || !value) return std::nullopt;
  return QueryParameter{std::move(*name), std::move(*value)};
}

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const std::string_view digits = text.substr(i + 1, 2);
    unsigned char byte = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || parsed.ptr != digits.data() + 2) return std::nullopt;
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

std::optional<std::vector<QueryParameter>> ParseQuery(std::string_view query) {
  std::vector<QueryParameter> parameters;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view text = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (text.empty()) continue;
    auto parameter = ParseParameter(text);
    if (!parameter || parameters.size() == kMaxQueryParameters) return std::nullopt;
    parameters.push_back(std::move(*parameter));
  }
  return parameters;
}

}  // namespace conntrack::exporter::web
