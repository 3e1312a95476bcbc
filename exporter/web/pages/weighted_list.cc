#include "exporter/web/pages/weighted_list.h"

#include <charconv>

#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {
namespace {

// Where the separator stands outside of quoted strings; the size of the text where it does not.
std::size_t EndOfElement(std::string_view text, char separator) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == separator && !quoted) return i;
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '\\' && quoted) ++i;  // the next one is meant as it stands
  }
  return text.size();
}

}  // namespace

std::string_view TakeElement(std::string_view& rest, char separator) {
  const auto end = EndOfElement(rest, separator);
  const auto element = rest.substr(0, end);
  rest.remove_prefix(end == rest.size() ? end : end + 1);
  return Trimmed(element);
}

std::optional<double> ParseWeight(std::string_view text) {
  double weight = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, weight, std::chars_format::fixed);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  if (!(weight >= 0 && weight <= 1)) return std::nullopt;  // so written, it refuses "nan" too
  return weight;
}

}  // namespace conntrack::exporter::web
