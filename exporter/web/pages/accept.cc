#include "exporter/web/pages/accept.h"

#include <array>
#include <optional>
#include <tuple>

#include "exporter/web/pages/weighted_list.h"
#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {
namespace {

struct Offer {
  MetricsFormat format;
  std::string_view type, subtype, version, content_type;
};

// In the order in which we would like to be asked for them.
constexpr std::array<Offer, 3> kOffers{
    {{MetricsFormat::kText, "text", "plain", "0.0.4", "text/plain; version=0.0.4; charset=utf-8"},
     {MetricsFormat::kOpenMetrics, "application", "openmetrics-text", "1.0.0",
      "application/openmetrics-text; version=1.0.0; charset=utf-8"},
     {MetricsFormat::kOpenMetrics001, "application", "openmetrics-text", "0.0.1",
      "application/openmetrics-text; version=0.0.1; charset=utf-8"}}};

struct MediaRange {
  std::string_view type, subtype;
  std::optional<std::string_view> version, charset;
  double weight = 1;
};

// What a client thinks of an offer: the weight in the most precise range that covers it.
struct Wish {
  int precision = 0;
  double weight = 0;
};

// Versions and character sets have nothing in them that would be escaped.
std::string_view Unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

// "type/subtype;version=1.0.0;q=0.5". Parameters that we have no opinion on are skipped, among them
// Prometheus 3's "escaping": there is nothing in our names to escape.
std::optional<MediaRange> ParseMediaRange(std::string_view element) {
  std::string_view media = TakeElement(element, ';');
  MediaRange range;
  range.type = TakeElement(media, '/');
  range.subtype = Trimmed(media);
  while (!element.empty()) {
    std::string_view parameter = TakeElement(element, ';');
    const std::string_view name = TakeElement(parameter, '=');
    const std::string_view value = Unquoted(Trimmed(parameter));
    if (SameWord(name, "version")) range.version = value;
    if (SameWord(name, "charset")) range.charset = value;
    if (SameWord(name, "q")) {
      const auto weight = ParseWeight(value);
      if (!weight) return std::nullopt;
      range.weight = *weight;
    }
  }
  return range;
}

// How precisely the range names the offer; 0 where it does not cover it.
int Precision(const MediaRange& range, const Offer& offer) {
  if (range.charset && !SameWord(*range.charset, "utf-8")) return 0;
  if (range.version && *range.version != offer.version) return 0;
  if (range.type == "*") return range.subtype == "*" ? 1 : 0;
  if (!SameWord(range.type, offer.type)) return 0;
  if (range.subtype == "*") return 2;
  if (!SameWord(range.subtype, offer.subtype)) return 0;
  return range.version ? 4 : 3;
}

}  // namespace

MetricsFormat ChooseFormat(std::string_view accept) {
  std::array<Wish, kOffers.size()> wishes;
  while (!accept.empty()) {
    const auto range = ParseMediaRange(TakeElement(accept, ','));
    if (!range) continue;
    for (std::size_t i = 0; i < kOffers.size(); ++i) {
      const Wish wish{Precision(*range, kOffers[i]), range->weight};
      if (wish.precision > wishes[i].precision) wishes[i] = wish;
    }
  }
  auto format = MetricsFormat::kText;
  Wish best;
  for (std::size_t i = 0; i < kOffers.size(); ++i) {
    const auto& wish = wishes[i];
    if (std::tie(wish.weight, wish.precision) <= std::tie(best.weight, best.precision)) continue;
    if (wish.weight == 0) continue;
    best = wish;
    format = kOffers[i].format;
  }
  return format;
}

std::string_view ContentType(MetricsFormat format) {
  for (const auto& offer : kOffers) {
    if (offer.format == format) return offer.content_type;
  }
  return {};
}

}  // namespace conntrack::exporter::web
