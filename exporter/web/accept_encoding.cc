#include "exporter/web/accept_encoding.h"

#include <charconv>
#include <optional>

#include "exporter/web/http_message.h"

namespace conntrack::exporter::web {
namespace {

// Cuts the text up to the separator off the front of `rest`.
std::string_view Take(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return Trimmed(taken);
}

// The weight in "q=0.5"; anything that is none counts as a refusal.
double ParseWeight(std::string_view parameter) {
  const std::string_view name = Take(parameter, '=');
  const std::string_view text = Trimmed(parameter);
  double weight = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), weight);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  return SameWord(name, "q") && whole && weight >= 0 && weight <= 1 ? weight : 0;
}

}  // namespace

bool WantsGzip(std::string_view accept_encoding) {
  std::optional<double> gzip, identity, any;
  while (!accept_encoding.empty()) {
    std::string_view element = Take(accept_encoding, ',');
    const std::string_view coding = Take(element, ';');
    const double weight = element.empty() ? 1 : ParseWeight(element);
    if (SameWord(coding, "gzip") || SameWord(coding, "x-gzip")) gzip = weight;
    if (SameWord(coding, "identity")) identity = weight;
    if (coding == "*") any = weight;
  }
  const double wish = gzip ? *gzip : any.value_or(0);
  return wish > 0 && wish >= identity.value_or(0);
}

}  // namespace conntrack::exporter::web
